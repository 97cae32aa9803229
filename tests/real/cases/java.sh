# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: openjdk-17-jdk-headless
cat >Work.java - <<'END'
import java.util.concurrent.*; import java.util.stream.*;
public class Work { public static void main(String[] a) throws Exception {
  var pool = Executors.newFixedThreadPool(6); var map = new ConcurrentHashMap<Integer, Integer>();
  var all = IntStream.range(0, 60).mapToObj(i -> pool.submit(() -> { for (int j = 0; j < 2000; j++)
    map.merge(j % 100, 1, Integer::sum); return i; })).collect(Collectors.toList());
  int sum = 0; for (var f : all) sum += f.get(); pool.shutdown();
  Object lock = new Object(); int[] n = {0}; Thread[] t = new Thread[4];
  for (int i = 0; i < 4; i++) { t[i] = new Thread(() -> { for (int j = 0; j < 20000; j++) synchronized (lock) { n[0]++; } }); t[i].start(); }
  for (var x : t) x.join();
  System.out.println(sum + " " + n[0] + " " + map.values().stream().mapToInt(x -> x).sum()); } }
END
$RUN java -Xmx256m Work.java
echo "status $?"
