# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: ripgrep
$RUN rg -j4 -c --sort none 'printf' /usr/include | sort | cksum
