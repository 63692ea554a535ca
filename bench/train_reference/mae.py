# SPDX-License-Identifier: Apache-2.0
"""Masked autoencoder in plain PyTorch, from the keys of mmpretrain's config."""
import torch
from torch import nn

from blocks import Block, PatchEmbed, drop_rates

ARCHS = {
    's': (768, 8, 8, 2304), 'small': (768, 8, 8, 2304), 'b': (768, 12, 12, 3072),
    'base': (768, 12, 12, 3072), 'l': (1024, 24, 16, 4096), 'large': (1024, 24, 16, 4096),
    'h': (1280, 32, 16, 5120), 'huge': (1280, 32, 16, 5120)
}


def line_positions(channels, n):
    omega = 10000.0**(-torch.arange(channels // 2, dtype=torch.float64) / (channels / 2))
    angles = torch.arange(n, dtype=torch.float64)[:, None] * omega
    return torch.cat([angles.sin(), angles.cos()], 1)


def sin_cos_positions(channels, side):
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing='ij')
    line = line_positions(channels // 2, side)
    grid = torch.cat([line[x.flatten()], line[y.flatten()]], 1)
    return torch.cat([torch.zeros(1, channels), grid.float()])[None]


class Mae(nn.Module):

    def __init__(self, config):
        super().__init__()
        encoder, decoder, head = config['backbone'], config['neck'], config['head']
        arch = encoder.get('arch', 'b')
        if isinstance(arch, dict):
            arch = [arch[k] for k in ('embed_dims', 'num_layers', 'num_heads', 'feedforward_channels')]
        else:
            arch = ARCHS[arch]
        width, depth, heads, hidden = arch
        self.patch = encoder.get('patch_size', 16)
        self.ratio = encoder.get('mask_ratio', 0.75)
        self.norm_pix = head.get('norm_pix', False)
        side = encoder.get('img_size', 224) // self.patch
        eps = encoder.get('norm_cfg', {}).get('eps', 1e-6 if 'norm_cfg' not in encoder else 1e-5)
        rates = drop_rates(encoder.get('drop_path_rate', 0.0), depth)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(sin_cos_positions(width, side), requires_grad=False)
        self.patch_embed = PatchEmbed(self.patch, width)
        self.blocks = nn.ModuleList(Block(width, heads, hidden, eps, drop=rate) for rate in rates)
        self.norm = nn.LayerNorm(width, eps)

        eps = decoder.get('norm_cfg', {}).get('eps', 1e-6 if 'norm_cfg' not in decoder else 1e-5)
        width = decoder.get('decoder_embed_dim', 512)
        heads = decoder.get('decoder_num_heads', 16)
        hidden = int(decoder.get('mlp_ratio', 4) * width)
        self.decoder_embed = nn.Linear(decoder.get('embed_dim', 1024), width)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, width))
        self.decoder_pos_embed = nn.Parameter(sin_cos_positions(width, side), requires_grad=False)
        self.decoder_blocks = nn.ModuleList(
            Block(width, heads, hidden, eps) for _ in range(decoder.get('decoder_depth', 8)))
        self.decoder_norm = nn.LayerNorm(width, eps)
        self.decoder_pred = nn.Linear(width, self.patch**2 * 3)

    def encoded(self, images, noise):
        x = self.patch_embed(images).flatten(1, 2) + self.pos_embed[:, 1:]
        n, length, width = x.shape
        keep = int(length * (1 - self.ratio))
        order = noise.argsort(1)
        restore = order.argsort(1)
        x = x.gather(1, order[:, :keep, None].expand(-1, -1, width))
        mask = torch.ones(n, length)
        mask[:, :keep] = 0
        mask = mask.gather(1, restore)
        x = torch.cat([(self.cls_token + self.pos_embed[:, :1]).expand(n, -1, -1), x], 1)
        for block in self.blocks:
            x = block(x)
        return self.norm(x), mask, restore

    def painted(self, x, restore):
        x = self.decoder_embed(x)
        n, seen, width = x.shape
        hidden = self.mask_token.expand(n, restore.shape[1] + 1 - seen, -1)
        patches = torch.cat([x[:, 1:], hidden], 1)
        patches = patches.gather(1, restore[:, :, None].expand(-1, -1, width))
        x = torch.cat([x[:, :1], patches], 1) + self.decoder_pos_embed
        for block in self.decoder_blocks:
            x = block(x)
        return self.decoder_pred(self.decoder_norm(x))[:, 1:]

    def target(self, images):
        p = self.patch
        n, c, h, w = images.shape
        x = images.view(n, c, h // p, p, w // p, p).permute(0, 2, 4, 3, 5, 1).reshape(n, -1, p * p * c)
        if self.norm_pix:
            x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + 1e-6)**0.5
        return x

    def losses(self, images, targets=None):
        noise = torch.rand(images.shape[0], self.pos_embed.shape[1] - 1)
        x, mask, restore = self.encoded(images, noise)
        error = ((self.painted(x, restore) - self.target(images))**2).mean(-1)
        return {'loss': (error * mask).sum() / mask.sum()}
