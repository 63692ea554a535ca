_base_ = ['model.py', 'child.py']
