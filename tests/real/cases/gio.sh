# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: libglib2.0-bin dconf-cli dconf-gsettings-backend gvfs-daemons gvfs
# needs: dbus python3-gi
export XDG_RUNTIME_DIR="$PWD/run" XDG_CONFIG_HOME="$PWD/config"
export XDG_DATA_HOME="$PWD/data"
mkdir -m 700 run config data
cat >session.sh - <<'END'
gsettings set org.gnome.desktop.interface clock-show-seconds true 2>/dev/null
dconf write /a/b 1
for i in $(seq 20); do dconf write /a/c$i $i; done
dconf read /a/c7
gio mount -l >/dev/null
gio info -a standard::type "$PWD" | grep -c type
gio copy threads.py copy.py
gio trash copy.py
gio list trash:/// >list
gdbus call --session -d org.freedesktop.DBus -o / -m org.freedesktop.DBus.GetId >/dev/null
END
cat >threads.py - <<'END'
from gi.repository import Gio, GLib
loop, left = GLib.MainLoop(), 200
def done(file, result):
    global left
    file.query_info_finish(result)
    left -= 1
    if left == 0:
        loop.quit()
for i in range(200):
    Gio.File.new_for_path("/usr/bin").query_info_async("*", 0, 0, None, done)
loop.run()
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
for i in range(200):
    bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "ListNames", None, None, 0, -1)
print("done")
END
sed -i "s:^gdbus call:/usr/bin/python3 threads.py\ngdbus call:" session.sh
timeout 60 $RUN dbus-run-session -- sh session.sh
echo "status $?"
