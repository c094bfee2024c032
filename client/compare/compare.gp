# Draws the figures that `compare --csv` has written; the second argument names the machine:
#   gnuplot -c client/compare/compare.gp compare.csv "Wine 8.0, 2 processors" >compare.svg
if (ARGC != 2) exit error "usage: gnuplot -c compare.gp FILE.csv MACHINE"
set terminal svg size 880,660 font "Segoe UI,Noto Sans,Helvetica,Arial,sans-serif,12" \
	background "white"
set datafile separator ","

# One hue in three strengths, for few clients, some, and many.
array strength[3] = ["#d6eaf7", "#6fb5de", "#0072b2"]
x(i) = real(substr(strcol(1), 1, 2)) + 0.28 * (i - 2)
pick(metric, clients, i) = strcol(2) eq metric && strcol(3) eq clients ? column(i) : NaN
# As compare's table has it: three significant digits, two below 0.1, all before the point.
short(v) = sprintf(v >= 999.5 ? "%.0f" : v < 0.1 ? "%.2g" : "%.3g", v)
# The calls of 02 go on without end; the simulation counts one.
text(metric, v) = v != v ? "" : \
	short(v).(metric eq "winsock_calls_per_echo" && strcol(1) eq "02_nonblocking" ? "+" : "")

set multiplot layout 2,2 margins 0.06,0.99,0.05,0.85 spacing 0.07,0.13
set label 1 "Five socket I/O models, one echo server each" at screen 0.02,0.965 font ",18"
set label 2 ARG2 at screen 0.02,0.93 textcolor "#59636e"
set key samplen 1 horizontal at screen 0.99,0.965 title "clients at once:"
set style fill solid border rgb "#0072b2"
set errorbars 0 linecolor "#1f2328"
set border 3 linecolor "#8c959f"
set tics nomirror textcolor "#1f2328"
set xtics scale 0 ("01 blocking" 1, "02 nonblocking" 2, "03 select" 3, "04 async" 4, "05 event" 5)
set xrange [0.5:5.5]
set yrange [0:*]
set offsets 0,0,graph 0.08,0

file = ARG1
clients = "1 16 60"
do for [panel in "cpu_idle latency round_trips_per_second winsock_calls_per_echo"] {
	set title panel eq "cpu_idle" ? "CPU while idle, % of one core (no client, 1 client)" : \
		panel eq "latency" ? "Latency, ms: ● median, × 99th percentile, ◇ first echo" : \
		panel eq "round_trips_per_second" ? "Round trips per second, all clients together" : \
		"Winsock calls per echo, in the simulation" font ",13" offset 0,-0.5
	if (panel eq "latency") {
		unset label
		unset key
		set logscale y
		set yrange [0.1:1000]
		set grid y
		# A dot for each number of clients, with an outline, for one of them is nearly white.
		plot for [i=1:3] file every ::1 using (x(i)):(pick("latency_p99", word(clients, i), 4)) \
			with points pointtype 2 linecolor "#1f2328" notitle, \
			for [i=1:3] file every ::1 using (x(i)):(pick("wait_median", word(clients, i), 4)) \
			with points pointtype 12 linecolor "#1f2328" notitle, \
			for [i=1:3] file every ::1 using (x(i)):(pick("latency_median", word(clients, i), 4)) \
			with points pointtype 7 linecolor rgb strength[i] notitle, \
			for [i=1:3] file every ::1 using (x(i)):(pick("latency_median", word(clients, i), 4)) \
			with points pointtype 6 linecolor "#0072b2" notitle
		unset logscale
		unset grid
		set yrange [0:*]
		continue
	}
	if (panel eq "cpu_idle") { group = "0 1 none" } else { group = clients }
	plot for [i=1:3] file every ::1 using (x(i)):(pick(panel, word(group, i), 4)): \
		(pick(panel, word(group, i), 5)):(pick(panel, word(group, i), 6)):(0.26) \
		with boxerrorbars fillcolor rgb strength[i] title word(clients, i), \
		for [i=1:3] file every ::1 using (x(i)):(pick(panel, word(group, i), 6)): \
		(text(panel, pick(panel, word(group, i), 4))) with labels offset 0,0.5 font ",9" notitle
}
unset multiplot
