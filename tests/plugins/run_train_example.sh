# SPDX-License-Identifier: Apache-2.0
# Trains with the plugin example on the images in shapes/: run_train_example.sh FOLDER
fail() {
  echo "run_train_example.sh: $*"
  exit 1
}
rm -rf count
"$PINFEED" list StopBelowHook --plugin "$PLUGIN" | grep -q 'Ends the training when the loss stays' || fail 'list'
"$PINFEED" list ObjectCounter --plugin "$PLUGIN" | grep -q 'number of objects' || fail 'list'
checked=$("$PINFEED" config "$1/config.py" --check --plugin "$PLUGIN")
case $checked in *'not supported'*) fail "$checked" ;; esac
if "$PINFEED" config "$1/config.py" --check | grep -q "there is no model 'ObjectCounter'"; then :; else fail 'without the plugin'; fi

log=$("$PINFEED" train "$1/config.py" --plugin "$PLUGIN" 2>&1) || fail "$log"
case $log in *'the training ends: the loss was below 1000.000000 4 times'*) ;; *) fail "$log" ;; esac
case $log in *loss_count*) ;; *) fail "$log" ;; esac
[ -e count/iter_4.safetensors ] || fail "$(ls count)"

# The hook's state is in the checkpoint: it stops in the next iteration.
log=$("$PINFEED" train "$1/config.py" --plugin "$PLUGIN" --resume count/iter_4.safetensors 2>&1) || fail "$log"
case $log in *'the loss was below 1000.000000 5 times'*) ;; *) fail "$log" ;; esac

if error=$("$PINFEED" train "$1/config.py" --plugin "$PLUGIN" --cfg-options custom_hooks.0.loss=low 2>&1); then fail 'a wrong key'; fi
case $error in *"loss must be float, not str 'low'"*) ;; *) fail "$error" ;; esac
"$PINFEED" lr "$1/config.py" --plugin "$PLUGIN" --groups --epoch-length 2 | grep -q '^5,2,0.01' || fail 'lr --groups'
echo 'the plugin trains'
