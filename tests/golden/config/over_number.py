_base_ = 'schedule.py'
max_epochs = dict(a=1)
