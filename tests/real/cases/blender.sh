# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: blender
timeout 100 $RUN blender -b -t 4 --factory-startup -noaudio --python-expr 'import bpy; s = bpy.context.scene; s.render.engine = "CYCLES"; s.cycles.samples = 4; s.cycles.use_denoising = False; s.render.resolution_x = 160; s.render.resolution_y = 120; s.render.filepath = "out.png"; bpy.ops.render.render(write_still=True)' >log 2>&1
echo "status $?"
ls out.png
