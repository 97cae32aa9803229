# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: ostree
mkdir tree
for i in $(seq 200); do seq "$i" $((i + 300)) >tree/$i; done
$RUN ostree --repo=repo init --mode=archive
$RUN ostree --repo=repo commit -b main -s one tree >id
echo "status $?"
$RUN ostree --repo=other init --mode=archive
$RUN ostree --repo=other pull-local repo main >log 2>&1
echo "status $?"
$RUN ostree --repo=other fsck -q | cksum
