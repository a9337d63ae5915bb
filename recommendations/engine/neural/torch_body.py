"""The same transformer in torch, for its training: forward for whole batches, the loss, and gradients by torch."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.exceptions import ExtraMissing
from recommendations.engine.neural.attention import OF_BLOCK, TINY, Body
from recommendations.engine.neural.batches import Batch
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.softmax import Indices

if TYPE_CHECKING:
    from torch import Tensor

INSTALL = 'pip install "torch>=2.6"'
Tensors = dict[str, "Tensor"]


def require_torch() -> None:
    """Raise ExtraMissing, with the command that mends it, where torch is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise ExtraMissing(f"This recipe trains with torch, the extra [neural], which is not installed: {INSTALL}")


def to_tensors(weights: dict[str, Array]) -> Tensors:
    """Copies of the weights that gradients flow into."""
    import torch

    return {name: torch.from_numpy(np.array(array, np.float32)).requires_grad_() for name, array in weights.items()}


def to_arrays(tensors: Tensors) -> dict[str, Array]:
    """Copies of the weights as they are now."""
    return {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}


def embed(weights: Tensors, items: NDArray[Any], types: NDArray[Any], gaps: NDArray[Any]) -> Tensor:
    """The events' vectors, of the inputs' shape and one axis more."""
    import torch

    places = (torch.from_numpy(part.astype(np.int64)) for part in (items, types, gaps))
    of_items, of_types, of_gaps = (
        torch.nn.functional.embedding(place, weights[name])
        for place, name in zip(places, ("items_in", "types_in", "gaps_in"), strict=True)
    )
    events: Tensor = of_items + of_types + of_gaps
    return events


def look_for(weights: Tensors, body: Body, events: Tensor, dropout: float = 0.0) -> Tensor:
    """What is wanted after each event of each row, of the shape of `events`, (n_rows, n_steps, width)."""
    import torch

    drop = torch.nn.functional.dropout
    states = kept = drop(events, dropout, training=dropout > 0)
    for number in range(body.n_blocks):
        block = {part: weights[f"block{number}_{part}"] for part in OF_BLOCK}
        states = states + drop(_attend(block, body, states), dropout, training=dropout > 0)
        normal = _normalise(states, block["widen_scale"], block["widen_shift"])
        widened = torch.relu(normal @ block["widen"] + block["widen_bias"])
        states = states + drop(widened @ block["narrow"] + block["narrow_bias"], dropout, training=dropout > 0)
    normal = _normalise(states, weights["last_scale"], weights["last_shift"])
    wanted: Tensor = normal @ weights["project"] + weights["project_bias"] + kept
    return wanted


def lose(weights: Tensors, body: Body, batch: Batch, others: Indices, dropout: float) -> Tensor:
    """The mean loss of a batch: each event's next item against `others`, weighted; see `softmax.sampled_softmax`.

    Args:
        weights: by name.
        body: the sizes.
        batch: what to learn from, shape (n_steps, n_rows).
        others: the items that all targets are told apart from, each once.
        dropout: share of the events' vectors and of each part's output that is left out, 0..1.
    """
    import torch

    events = embed(weights, batch.items.T, batch.types.T, batch.gaps.T)
    wanted = look_for(weights, body, events, dropout).reshape(-1, body.width)
    counts = batch.weights.T.reshape(-1)
    flat = np.flatnonzero(counts)
    wanted = wanted[torch.from_numpy(flat)]
    targets = torch.from_numpy(batch.targets.T.reshape(-1)[flat].astype(np.int64))
    sampled = torch.from_numpy(others.astype(np.int64))
    own = (wanted * weights["items_out"][targets]).sum(dim=1) + weights["item_bias"][targets]
    scores = wanted @ weights["items_out"][sampled].T + weights["item_bias"][sampled]
    scores = scores.masked_fill(targets[:, None] == sampled[None, :], -torch.inf)
    losses = torch.logsumexp(torch.cat((own[:, None], scores), dim=1), dim=1) - own
    shares = torch.from_numpy((counts[flat] / counts[flat].sum()).astype(np.float32))
    loss: Tensor = (losses * shares).sum()
    return loss


def _attend(block: Tensors, body: Body, states: Tensor) -> Tensor:
    import torch

    n_rows, n_steps, width = states.shape
    attended = _normalise(states, block["attend_scale"], block["attend_shift"]) @ block["attend"] + block["attend_bias"]
    asking, offering, told = attended.reshape(n_rows, n_steps, 3, body.n_heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
    place = torch.arange(n_steps)
    distances = place[:, None] - place[None, :]
    bias = block["distances"][:, distances.clamp(min=0)].masked_fill(distances < 0, -torch.inf)
    heard = torch.nn.functional.scaled_dot_product_attention(asking, offering, told, attn_mask=bias)
    merged: Tensor = heard.transpose(1, 2).reshape(n_rows, n_steps, width) @ block["merge"] + block["merge_bias"]
    return merged


def _normalise(states: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    import torch

    normal: Tensor = torch.nn.functional.layer_norm(states, (states.shape[-1],), scale, shift, TINY)
    return normal
