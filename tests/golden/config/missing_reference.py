_base_ = 'model.py'
x = {{_base_.nothing}}
