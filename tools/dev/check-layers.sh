#!/bin/sh
# The layers, as a check: no file includes from a layer it may not know, and
# what only one file is to know stays in that file.
#
#	shim -> include <- reports <- tools.  Tests may include anything.
status=0

deny() { # deny PATH PATTERN WHY
  if grep -rnE "#include \"([^\"]*/)?$2" "$1"; then
    echo "check-layers: $1: $3" >&2
    status=1
  fi
}

only_in() { # only_in FILES FOLDER PATTERN WHY; comments may say anything
  if grep -rnE "^[^*]*$3" "$2" | grep -vE "^$2/($1):"; then
    echo "check-layers: $2: $4" >&2
    status=1
  fi
}

deny include '(shim|reports|tools)/' 'public headers stand alone'
deny shim '(reports|tools)/' 'the shim does not know the reports'
deny reports '(shim|tools)/' 'the trace is the only way across'
deny tools/cmshim 'shim/' 'the trace is the only way across'
deny reports/analyses '(renderer|trace)\.h' \
  'analyses see events, not files or formats'
deny reports/renderers '(analysis|event|trace)\.h' \
  'renderers see the report only'

only_in 'unwind\.[ch]' shim '#include <libunwind' \
  'the unwinder is the business of unwind.c'
only_in 'options\.c' shim '\<(secure_)?getenv *\(' \
  'the environment is the business of options.c'
only_in 'real\.c' shim '\<dlv?sym *\(' \
  'looking functions up is the business of real.c'
exit $status
