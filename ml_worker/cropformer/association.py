"""Association: the full image's queries read the queries of every view and become one set for all views."""

from itertools import zip_longest

from torch import Tensor, nn

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.layers import AttentionLayer, FeedForwardLayer


class Association(nn.Module):
    """Cross-attention over all T·Q view queries, self-attention without position, feed-forward.

    A part the variant leaves out is not built, and the queries pass it unchanged.
    """

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        parts = arch.variant.association_parts
        layers, ffn = range(arch.association_layers), arch.association_ffn or arch.decoder_ffn
        self.cross_attention = nn.ModuleList(
            AttentionLayer(arch.hidden, arch.heads) for _ in layers if "cross" in parts
        )
        self.self_attention = nn.ModuleList(
            AttentionLayer(arch.hidden, arch.heads) for _ in layers if "self" in parts
        )
        self.feed_forward = nn.ModuleList(
            FeedForwardLayer(arch.hidden, ffn) for _ in layers if "ffn" in parts
        )

    def forward(self, view_queries: Tensor, position: Tensor) -> Tensor:
        """view_queries [B, T, Q, C] before the decoder's norm, view 0 the full image; position [Q, C].

        Returns [B, Q, C].
        """
        x = view_queries[:, 0]
        key = (view_queries + position).flatten(1, 2)  # [B, T·Q, C]
        value = view_queries.flatten(1, 2)
        for cross, own, forward in zip_longest(self.cross_attention, self.self_attention, self.feed_forward):
            x = cross(x, x + position, key, value) if cross else x
            x = own(x, x, x, x) if own else x
            x = forward(x) if forward else x
        return x
