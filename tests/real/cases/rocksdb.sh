# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: rocksdb-tools
$RUN db_bench --db="$PWD/db" --num=30000 --threads=4 --reads=10000 \
  --benchmarks=fillrandom,readrandom,readwhilewriting,overwrite \
  --write_buffer_size=400000 --max_background_jobs=4 --duration=3 \
  --enable_pipelined_write=true --subcompactions=2 >out 2>&1
echo "status $?"
cut -d: -f1 out | grep -E '^(fill|read|over)'
