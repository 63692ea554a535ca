# SPDX-License-Identifier: Apache-2.0
# Runs the plugin example on the images in shapes/: run_example.sh FOLDER
ls shapes/train/*.jpg | head -n 10 > images.txt
"$PINFEED" batches "$1/config.py" --plugin "$PLUGIN"
"$PINFEED" list all --plugin "$PLUGIN"
