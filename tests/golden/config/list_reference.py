_base_ = 'model.py'
x = {{_base_.model.neck.in_channels}}[0]
