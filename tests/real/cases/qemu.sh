# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: qemu-system-x86 qemu-utils
$RUN qemu-img create -q -f qcow2 d.qcow2 64M
$RUN qemu-img bench -q -c 2000 -d 16 -w -t none -i threads d.qcow2 >bench
echo "bench: status $?"
printf '\372\364' >boot.bin
# A boot sector that halts, after it has written to the serial port.
python3 - <<'END'
code = b"".join(b"\xb0%c\xba\xf8\x03\xee" % c for c in b"hello\n")
code += b"\xb0\x00\xba\xf4\x00\xee\xf4"
open("boot.img", "wb").write(code.ljust(510, b"\0") + b"\x55\xaa")
END
timeout 60 $RUN qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -m 32 \
  -display none -serial file:serial -nodefaults -device isa-debug-exit,iobase=0xf4 \
  -drive file=boot.img,format=raw,if=ide >log 2>&1
echo "status $?"
cat serial
