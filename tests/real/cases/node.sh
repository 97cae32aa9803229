# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: nodejs
cat >work.js - <<'END'
const {Worker, isMainThread, parentPort, workerData} = require('worker_threads');
if (isMainThread) {
  const crypto = require('crypto'), zlib = require('zlib'), fs = require('fs');
  let sum = 0, left = 4 + 40 + 40 + 40;
  const done = (n) => { sum += n; if (--left === 0) console.log('sum', sum); };
  for (let i = 0; i < 4; i++)
    new Worker(__filename, {workerData: i}).on('message', done);
  for (let i = 0; i < 40; i++) {
    crypto.pbkdf2('a', 'b' + i, 2000, 16, 'sha256', (e, k) => done(k[0]));
    zlib.deflate(Buffer.alloc(200000, 'abc' + i), (e, b) => done(b.length));
    fs.stat(__filename, (e, s) => done(s.isFile() ? 1 : 0));
  }
} else {
  let n = 0;
  for (let i = 0; i < 2e6; i++) n = (n * 31 + i + workerData) % 1000003;
  parentPort.postMessage(n);
}
END
$RUN node work.js
echo "status $?"
