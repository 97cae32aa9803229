# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: ruby
cat >a.rb - <<'END'
q = Queue.new
m = Mutex.new
n = 0
t = 6.times.map { Thread.new { 2000.times { m.synchronize { n += 1 } }; q << n } }
t.each(&:join)
puts n
puts 4.times.map { |i| Thread.new { Dir.children('/usr/bin').size; i } }.sum(&:value)
r, w = IO.pipe
Thread.new { 100.times { |i| w.puts i }; w.close }
puts r.each_line.count
END
$RUN ruby a.rb
echo "status $?"
