name = 'model.py'
_base_ = [name]
