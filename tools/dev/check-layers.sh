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
deny reports/trace '(world|maps|locks|replay|reorder|std|report|show)/' \
  'a trace knows nothing of what is found in it'
deny reports/world '(trace|maps|locks|replay|reorder|std|show)/' \
  'the world is what analyses stand on'
deny reports/maps '(trace|locks|replay|reorder|std|show)/' \
  'what is kept of maps is of maps only'
deny reports/locks '(trace|maps|replay|std|show)/' \
  'what is kept of locks is of locks only'
deny reports/report '(trace|maps|locks|replay|reorder|std|show)/' \
  'the report is told, it does not ask'
deny reports/show '(trace|world|maps|locks|replay|reorder|std)/' \
  'what is shown comes from the report only'
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
only_in '(store|spill)\.c|report/symbol_(file|unit)\.c|std/predict_deadlocks\.c' \
  reports '\<free *\(' \
  'what grow() and zeroed() made may be in a file: store_free()'
only_in '(store|spill)\.c' reports '#include "spill\.h' \
  'where memory comes from is the business of store.c'
exit $status
