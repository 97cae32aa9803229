# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: git
git init -q repo && cd repo || exit 1
git config user.email a@b && git config user.name a
mkdir d
for i in $(seq 300); do seq "$i" $((i + 400)) >d/"$i"; done
git add . && git commit -qm one
for i in $(seq 300); do seq "$i" $((i + 401)) >d/"$i"; done
git commit -qam two
$RUN git -c grep.threads=4 grep -c '^3.*7$' | cksum
$RUN git -c pack.threads=4 repack -adfq
echo "status $?"
pack=$(echo .git/objects/pack/*.pack)
$RUN git index-pack --threads=4 "$pack" -o ../out.idx >/dev/null
echo "status $?"
cmp ../out.idx "${pack%.pack}.idx"
$RUN git -c core.preloadindex=true -c checkout.workers=4 \
  -c checkout.thresholdForParallelism=10 checkout -q HEAD~1
$RUN git status --short | wc -l
