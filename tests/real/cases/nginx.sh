# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: nginx-light apache2-utils
seq 200000 >big.txt
cat >nginx.conf - <<END
daemon off; master_process off; pid nginx.pid; user root; worker_processes 2;
error_log error.log; thread_pool default threads=4;
events { worker_connections 256; }
http { access_log off; aio threads; sendfile off; directio 4m;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp;
  uwsgi_temp_path tmp; scgi_temp_path tmp;
  output_buffers 2 32k; server { listen 127.0.0.1:17380; root $PWD; } }
END
$RUN nginx -e error.log -p "$PWD" -c "$PWD/nginx.conf" &
server=$!
await '[ -s nginx.pid ]'
ab -q -n 400 -c 8 http://127.0.0.1:17380/big.txt >ab.out 2>&1
echo "ab: status $?"
grep -E '^(Complete|Failed|HTML)' ab.out
kill -QUIT "$(cat nginx.pid)"
wait $server
echo "server: status $?"
