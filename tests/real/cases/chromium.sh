# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: chromium
printf '<html><body><p id=a>x</p><script>for (var i = 0, n = 0; i < 1e6; i++)
n += i; document.getElementById("a").textContent = n</script></body>' >a.html
timeout 60 $RUN chromium --headless --no-sandbox --disable-gpu \
  --user-data-dir="$PWD/profile" --dump-dom "file://$PWD/a.html" 2>log
echo "status $?"
