# SPDX-License-Identifier: Apache-2.0
# Runs the plugin example on the pictures in shapes/: run_example.sh FOLDER
ls shapes/train/*.jpg | head -n 10 > pictures.txt
"$PINFEED" batches "$1/config.py" --plugin "$PLUGIN"
"$PINFEED" list --plugin "$PLUGIN"
