_base_ = 'model.py'
x = 1
_base_ = 'nowhere.py'
