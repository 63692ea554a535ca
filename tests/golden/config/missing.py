_base_ = 'nowhere.py'
