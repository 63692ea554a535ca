_base_ = ('model.py',)
