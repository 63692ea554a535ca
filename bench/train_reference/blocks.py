# SPDX-License-Identifier: Apache-2.0
"""Transformer blocks in plain PyTorch, with the parameter names of MAE and ViTDet."""
import torch
import torch.nn.functional as F
from torch import nn


def drop_path(branch, rate, training):
    if rate == 0.0 or not training:
        return branch
    keep = 1.0 - rate
    shape = (branch.shape[0],) + (1,) * (branch.dim() - 1)
    return branch / keep * torch.rand(shape, dtype=branch.dtype, device=branch.device).add_(keep).floor_()


def relative_rows(table, length):
    if table.shape[0] != 2 * length - 1:
        table = F.interpolate(table.t()[None], size=2 * length - 1, mode='linear')[0].t()
    place = torch.arange(length)
    return table[place[:, None] - place[None, :] + length - 1]


class Attention(nn.Module):

    def __init__(self, channels, heads, qkv_bias=True, rel_pos=0):
        super().__init__()
        self.heads = heads
        self.scale = (channels // heads)**-0.5
        self.qkv = nn.Linear(channels, 3 * channels, bias=qkv_bias)
        self.proj = nn.Linear(channels, channels)
        self.rel_pos = rel_pos > 0
        if self.rel_pos:
            self.rel_pos_h = nn.Parameter(torch.zeros(2 * rel_pos - 1, channels // heads))
            self.rel_pos_w = nn.Parameter(torch.zeros(2 * rel_pos - 1, channels // heads))

    def forward(self, x):
        grid = x.shape[1:-1]
        n, c = x.shape[0], x.shape[-1]
        q, k, v = self.qkv(x).view(n, -1, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        if self.rel_pos:
            h, w = grid
            logits = (q * self.scale) @ k.transpose(-2, -1)
            by_place = q.view(n, self.heads, h, w, -1)
            rows = torch.einsum('nahwc,hkc->nahwk', by_place, relative_rows(self.rel_pos_h, h))
            columns = torch.einsum('nahwc,wkc->nahwk', by_place, relative_rows(self.rel_pos_w, w))
            logits = (logits.view(n, self.heads, h, w, h, w) + rows[..., :, None]
                      + columns[..., None, :]).view(n, self.heads, h * w, h * w)
            x = logits.softmax(-1) @ v
        else:
            x = F.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(n, *grid, c))


class Mlp(nn.Module):

    def __init__(self, channels, hidden):
        super().__init__()
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


def into_windows(x, side):
    n, h, w, c = x.shape
    x = F.pad(x, (0, 0, 0, -w % side, 0, -h % side))
    rows, columns = x.shape[1] // side, x.shape[2] // side
    x = x.view(n, rows, side, columns, side, c).transpose(2, 3)
    return x.reshape(-1, side, side, c), (rows, columns)


def from_windows(x, rows, columns, h, w):
    side, c = x.shape[1], x.shape[3]
    x = x.view(-1, rows, columns, side, side, c).transpose(2, 3)
    return x.reshape(-1, rows * side, columns * side, c)[:, :h, :w]


class Block(nn.Module):

    def __init__(self, channels, heads, hidden, eps, qkv_bias=True, drop=0.0, window=0, rel_pos=0):
        super().__init__()
        self.drop = drop
        self.window = window
        self.norm1 = nn.LayerNorm(channels, eps)
        self.attn = Attention(channels, heads, qkv_bias, rel_pos)
        self.norm2 = nn.LayerNorm(channels, eps)
        self.mlp = Mlp(channels, hidden)

    def attended(self, x):
        if not self.window:
            return self.attn(x)
        windows, places = into_windows(x, self.window)
        return from_windows(self.attn(windows), *places, x.shape[1], x.shape[2])

    def forward(self, x):
        x = x + drop_path(self.attended(self.norm1(x)), self.drop, self.training)
        return x + drop_path(self.mlp(self.norm2(x)), self.drop, self.training)


class PatchEmbed(nn.Module):

    def __init__(self, patch, channels):
        super().__init__()
        self.proj = nn.Conv2d(3, channels, patch, stride=patch)

    def forward(self, images):
        return self.proj(images).permute(0, 2, 3, 1)


def drop_rates(last, depth):
    return [last * i / (depth - 1) if depth > 1 else 0.0 for i in range(depth)]
