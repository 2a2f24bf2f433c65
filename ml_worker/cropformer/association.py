"""Association: the full image's queries read the queries of every view and become one set for all views."""

from torch import Tensor, nn

from ml_worker.cropformer.architecture import Architecture
from ml_worker.cropformer.layers import AttentionLayer, FeedForwardLayer


class Association(nn.Module):
    """Cross-attention over all T·Q view queries, self-attention without position, feed-forward."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        count = arch.association_layers
        self.cross_attention = nn.ModuleList(AttentionLayer(arch.hidden, arch.heads) for _ in range(count))
        self.self_attention = nn.ModuleList(AttentionLayer(arch.hidden, arch.heads) for _ in range(count))
        self.feed_forward = nn.ModuleList(
            FeedForwardLayer(arch.hidden, arch.decoder_ffn) for _ in range(count)
        )

    def forward(self, view_queries: Tensor, position: Tensor) -> Tensor:
        """view_queries [B, T, Q, C] before the decoder's norm, view 0 the full image; position [Q, C].

        Returns [B, Q, C].
        """
        x = view_queries[:, 0]
        key = (view_queries + position).flatten(1, 2)  # [B, T·Q, C]
        value = view_queries.flatten(1, 2)
        for cross, own, ffn in zip(self.cross_attention, self.self_attention, self.feed_forward, strict=True):
            x = cross(x, x + position, key, value)
            x = own(x, x, x, x)
            x = ffn(x)
        return x
