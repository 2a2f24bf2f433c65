"""Fusion by object tokens, after VITA: queries of all views read what single views found, not their pixels.

Source: Heo et al., VITA: Video Instance Segmentation via Object Token Association, NeurIPS 2022. Views stand
for frames. With a handful of views the encoder's attention needs no windows along time, and the similarity
loss between frame and video queries is left out, so that every variant has the same losses.
"""

from torch import Tensor, nn

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.decoder import Decoded, MaskMLP
from ml_worker.cropformer.layers import AttentionLayer, FeedForwardLayer
from ml_worker.cropformer.position import view_position


class ObjectEncoder(nn.Module):
    """Object tokens of all views exchange what they know."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        layers = range(arch.variant.token_layers)
        self.attention = nn.ModuleList(AttentionLayer(arch.hidden, arch.heads) for _ in layers)
        self.feed_forward = nn.ModuleList(FeedForwardLayer(arch.hidden, arch.decoder_ffn) for _ in layers)

    def forward(self, tokens: Tensor, position: Tensor) -> Tensor:
        """tokens and position [B, T·Q, C] → [B, T·Q, C]."""
        for attention, ffn in zip(self.attention, self.feed_forward, strict=True):
            placed = tokens + position
            tokens = ffn(attention(tokens, placed, placed, tokens))
        return tokens


class ObjectTokenFusion(nn.Module):
    """Learned queries, one set for all views, decode the object tokens; masks are dot products per view."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.variant = arch.variant
        dim, layers = arch.hidden, range(arch.variant.token_layers)
        self.project = nn.Linear(dim, dim)
        self.encoder = ObjectEncoder(arch)
        self.query_feat = nn.Embedding(arch.queries, dim)
        self.query_embed = nn.Embedding(arch.queries, dim)
        self.cross_attention = nn.ModuleList(AttentionLayer(dim, arch.heads) for _ in layers)
        self.self_attention = nn.ModuleList(AttentionLayer(dim, arch.heads) for _ in layers)
        self.feed_forward = nn.ModuleList(FeedForwardLayer(dim, arch.decoder_ffn) for _ in layers)
        self.norm = nn.LayerNorm(dim)
        self.class_embed = nn.Linear(dim, 2)
        self.mask_embed = MaskMLP(dim, arch.mask_dim)

    def forward(self, view_queries: Tensor, mask_features: Tensor) -> Decoded:
        """view_queries [B, T, Q, C] after the decoder's norm; mask_features [B, T, D, H, W].

        Predictions come for the start and for every layer, as the pixel decoder's do.
        """
        batch, views, _, channels = view_queries.shape
        place = view_position(self.variant, views, channels, view_queries.device)[None, :, None]
        position = place.expand_as(view_queries).flatten(1, 2)
        tokens = self.encoder(self.project(view_queries).flatten(1, 2), position)
        own_position = self.query_embed.weight
        x = self.query_feat.weight.expand(batch, -1, -1)
        layers = zip(self.cross_attention, self.self_attention, self.feed_forward, strict=True)
        states = [x]
        for cross, own, ffn in layers:
            x = cross(x, x + own_position, tokens + position, tokens)
            x = own(x, x + own_position, x + own_position, x)
            x = ffn(x)
            states.append(x)
        normed = [self.norm(state) for state in states]
        classes = [self.class_embed(one) for one in normed]
        return Decoded(classes, [self.mask_embed(one) for one in normed], mask_features, x)
