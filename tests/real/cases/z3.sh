# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: z3
python3 - >in.smt2 <<'END'
n = 7
print("(set-option :parallel.enable true)(set-option :parallel.threads.max 4)(set-logic QF_BV)")
for i in range(n):
    print(f"(declare-const x{i} (_ BitVec 16))")
print("(assert (distinct %s))" % " ".join(f"x{i}" for i in range(n)))
for i in range(n - 1):
    print(f"(assert (= (bvmul x{i} x{i+1}) (bvadd x{i} #x{(i*977+13)%65536:04x})))")
print("(check-sat)")
END
$RUN z3 -T:40 in.smt2
echo "status $?"
