#!/bin/sh
# tsan.sh PROGRAM [ARGUMENT]...: runs one that was built with
# -fsanitize=thread.  What gcc 12 brings for it refuses address spaces that are
# random by more than 28 bits, as newer kernels make them.
setarch "$(uname -m)" -R true 2>/dev/null && exec setarch "$(uname -m)" -R "$@"
exec "$@"
