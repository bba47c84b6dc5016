"""Makes the golden files of this folder: a tiny random model of each family as its own library saves it, and what that
library computes of it in f64. Run once, not by the tests:

    python make.py

Made with Python 3.11, torch 1.13.1, transformers 4.42.4, safetensors 0.8.0, numpy 1.24.2, OpenBLAS 0.3.21
with one thread (another BLAS changes the last bits of results, not the models).

`NAME/config.json` and `NAME/model.safetensors` (F32) are the model. `NAME/cases.safetensors` holds, for case `i`:

- language models: `i.tokens`; `i.logits` [tokens, vocabulary]; `i.nll`, nats, of all tokens but the first; and
  `i.states` [layers + 1, tokens, hidden], the residual stream before each layer, then the states after the final norm;
- encoders: `i.tokens`; `i.states`, the last being what the last layer gives; and `i.embedding`;
- classifiers of text: `i.tokens`, `i.logits`; of features: `i.features` (F32), `i.logits`.

Encoders and classifiers of text computed each model's cases as one batch, padded to the longest and masked.
"""

import contextlib
import json
import pathlib

import torch
from safetensors.torch import load_file, save_file
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    BertModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

HERE = pathlib.Path(__file__).parent
ROPE_MODELS = dict(hidden_act="silu", attention_dropout=0.0, bos_token_id=1, eos_token_id=2)


@contextlib.contextmanager
def everything_in_f64():
    """Parts of the library compute in f32 whatever the model's precision: here f32 means f64."""
    single, method = torch.float32, torch.Tensor.float
    torch.float32, torch.Tensor.float = torch.float64, torch.Tensor.double
    torch.set_default_dtype(torch.float64)
    try:
        with torch.no_grad():
            yield
    finally:
        torch.float32, torch.Tensor.float = single, method
        torch.set_default_dtype(single)


def randomised(name, shape):
    """Weights that keep activations near one and use every weight: a fresh model's biases are zeros, its gains ones."""
    noise = torch.randn(shape)
    if len(shape) == 1:
        return 1 + 0.3 * noise if name.endswith("weight") else 0.3 * noise
    table = any(part in name for part in ("embed", "wte", "wpe", "lm_head"))
    return 0.7 * noise if table else 1.2 / max(shape) ** 0.5 * noise


def fresh(name):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    return folder


def saved(folder, kind, config):
    """A random model of the library, as its files hold it."""
    model = kind(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(randomised(name, weight.shape))
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return model


def in_f64(model):
    """Made anew, so that what it computes on its way up is f64 as well."""
    wide = type(model)(model.config)
    wide.load_state_dict(model.state_dict())
    return wide.eval()


def save_cases(folder, cases):
    """Tensors of each case, named after its number."""
    named = {f"{i}.{name}": tensor.contiguous() for i, case in enumerate(cases) for name, tensor in case.items()}
    save_file(named, folder / "cases.safetensors")


def save_model(folder, config, weights):
    """For families that the library does not have."""
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def sequences(vocabulary, lengths):
    return [torch.randint(vocabulary, (length,)) for length in lengths]


def nll(logits, tokens):
    return torch.nn.functional.cross_entropy(logits[:-1], tokens[1:], reduction="sum")


def language(name, kind, config, lengths):
    """A language model of the library: each sequence alone."""
    folder = fresh(name)
    model = saved(folder, kind, config)
    with everything_in_f64():
        model = in_f64(model)
        cases = []
        for tokens in sequences(config.vocab_size, lengths):
            result = model(tokens[None], output_hidden_states=True)
            logits, states = result.logits[0], torch.stack(result.hidden_states)[:, 0]
            cases.append({"tokens": tokens, "logits": logits, "nll": nll(logits, tokens), "states": states})
    save_cases(folder, cases)


def padded(tokens):
    """A batch and its mask."""
    batch = torch.nn.utils.rnn.pad_sequence(tokens, batch_first=True)
    mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in tokens], batch_first=True)
    return dict(input_ids=batch, attention_mask=mask)


def encoder(name, config, lengths):
    """The mean of the states of the tokens that are no padding, scaled to length one."""
    folder = fresh(name)
    model = saved(folder, BertModel, config)
    with everything_in_f64():
        model = in_f64(model)
        tokens = sequences(config.vocab_size, lengths)
        states = torch.stack(model(**padded(tokens), output_hidden_states=True).hidden_states)
        cases = []
        for i, row in enumerate(tokens):
            own = states[:, i, : len(row)]
            mean = own[-1].mean(0)
            cases.append({"tokens": row, "states": own, "embedding": mean / mean.norm()})
    save_cases(folder, cases)


def text_classifier(name, config, lengths):
    folder = fresh(name)
    model = saved(folder, BertForSequenceClassification, config)
    with everything_in_f64():
        model = in_f64(model)
        tokens = sequences(config.vocab_size, lengths)
        logits = model(**padded(tokens)).logits
        save_cases(folder, [{"tokens": row, "logits": logits[i]} for i, row in enumerate(tokens)])


def perceptron(name, widths, cases):
    folder = fresh(name)
    shapes = {}
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        shapes[f"layers.{i}.weight"], shapes[f"layers.{i}.bias"] = (outputs, inputs), (outputs,)
    weights = {part: randomised(part, shape) for part, shape in shapes.items()}
    save_model(folder, {"model_type": "mlp", "widths": widths, "hidden_act": "relu"}, weights)
    results = []
    for features in torch.randn(cases, widths[0]):
        x = features.double()
        for i in range(len(widths) - 1):
            weight, bias = (weights[f"layers.{i}.{part}"].double() for part in ("weight", "bias"))
            x = torch.nn.functional.linear(x.relu() if i else x, weight, bias)
        results.append({"features": features, "logits": x})
    save_cases(folder, results)


def qwen3(name, config, lengths):
    """Qwen3 in plain operations: the library's version above does not have it."""
    folder = fresh(name)
    hidden, head, inner = config["hidden_size"], config["head_dim"], config["intermediate_size"]
    heads, key_heads = config["num_attention_heads"], config["num_key_value_heads"]
    shapes = {"model.embed_tokens.weight": (config["vocab_size"], hidden), "model.norm.weight": (hidden,)}
    for layer in range(config["num_hidden_layers"]):
        for part, shape in {
            "input_layernorm": (hidden,),
            "post_attention_layernorm": (hidden,),
            "self_attn.q_proj": (heads * head, hidden),
            "self_attn.k_proj": (key_heads * head, hidden),
            "self_attn.v_proj": (key_heads * head, hidden),
            "self_attn.o_proj": (hidden, heads * head),
            "self_attn.q_norm": (head,),
            "self_attn.k_norm": (head,),
            "mlp.gate_proj": (inner, hidden),
            "mlp.up_proj": (inner, hidden),
            "mlp.down_proj": (hidden, inner),
        }.items():
            shapes[f"model.layers.{layer}.{part}.weight"] = shape
    save_model(folder, config, {part: randomised(part, shape) for part, shape in shapes.items()})
    weights = {part: weight.double() for part, weight in load_file(folder / "model.safetensors").items()}

    def norm(x, part):
        return x / (x.pow(2).mean(-1, keepdim=True) + config["rms_norm_eps"]).sqrt() * weights[f"{part}.weight"]

    def turn(x):
        """x: [heads, tokens, head]; complex numbers of the first half and the second, times e^(i angle)."""
        places = torch.arange(x.shape[1], dtype=torch.float64)[:, None]
        frequencies = config["rope_theta"] ** (-torch.arange(0, head, 2, dtype=torch.float64) / head)
        turned = torch.complex(*x.chunk(2, -1)) * torch.exp(1j * places * frequencies)
        return torch.cat([turned.real, turned.imag], -1)

    def states_of(tokens):
        x = weights["model.embed_tokens.weight"][tokens]
        yield x
        for layer in range(config["num_hidden_layers"]):
            at = f"model.layers.{layer}"
            apply = lambda part, x: x @ weights[f"{at}.{part}.weight"].T
            split = lambda part, y, count: apply(part, y).view(len(tokens), count, head).transpose(0, 1)
            y = norm(x, f"{at}.input_layernorm")
            query = turn(norm(split("self_attn.q_proj", y, heads), f"{at}.self_attn.q_norm"))
            key = turn(norm(split("self_attn.k_proj", y, key_heads), f"{at}.self_attn.k_norm"))
            value = split("self_attn.v_proj", y, key_heads)
            key, value = (part.repeat_interleave(heads // key_heads, 0) for part in (key, value))
            later = torch.ones(len(tokens), len(tokens)).triu(1).bool()
            scores = (query @ key.transpose(1, 2) / head**0.5).masked_fill(later, -torch.inf)
            mixed = (scores.softmax(-1) @ value).transpose(0, 1).flatten(1)
            x = x + apply("self_attn.o_proj", mixed)
            y = norm(x, f"{at}.post_attention_layernorm")
            gate = apply("mlp.gate_proj", y)
            x = x + apply("mlp.down_proj", gate * gate.sigmoid() * apply("mlp.up_proj", y))
            yield x if layer + 1 < config["num_hidden_layers"] else norm(x, "model.norm")

    cases = []
    for tokens in sequences(config["vocab_size"], lengths):
        states = torch.stack(list(states_of(tokens)))
        logits = states[-1] @ weights["model.embed_tokens.weight"].T
        cases.append({"tokens": tokens, "logits": logits, "nll": nll(logits, tokens), "states": states})
    save_cases(folder, cases)


def main():
    torch.manual_seed(5)
    llama = LlamaConfig(vocab_size=131, hidden_size=24, intermediate_size=37, num_hidden_layers=2, num_attention_heads=6,
                        num_key_value_heads=2, max_position_embeddings=40, rms_norm_eps=1e-5, rope_theta=10000.0,
                        tie_word_embeddings=False, **ROPE_MODELS)
    language("llama", LlamaForCausalLM, llama, [2, 7, 23])
    biased = LlamaConfig(vocab_size=90, hidden_size=18, intermediate_size=25, num_hidden_layers=2, num_attention_heads=3,
                         num_key_value_heads=3, max_position_embeddings=40, rms_norm_eps=1e-5, rope_theta=500000.0,
                         tie_word_embeddings=True, attention_bias=True, **ROPE_MODELS)
    language("llama_tied_biased", LlamaForCausalLM, biased, [2, 19])
    qwen2 = Qwen2Config(vocab_size=97, hidden_size=32, intermediate_size=45, num_hidden_layers=2, num_attention_heads=4,
                        num_key_value_heads=1, max_position_embeddings=40, rms_norm_eps=1e-6, rope_theta=1000000.0,
                        tie_word_embeddings=True, **ROPE_MODELS)
    language("qwen2", Qwen2ForCausalLM, qwen2, [2, 21])
    qwen3("qwen3", {"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "attention_bias": False,
                    "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2, "head_dim": 10, "hidden_act": "silu",
                    "hidden_size": 20, "initializer_range": 0.02, "intermediate_size": 33, "max_position_embeddings": 40,
                    "max_window_layers": 2, "num_attention_heads": 4, "num_hidden_layers": 2, "num_key_value_heads": 2,
                    "rms_norm_eps": 1e-6, "rope_scaling": None, "rope_theta": 1000000.0, "sliding_window": None,
                    "tie_word_embeddings": True, "torch_dtype": "float32", "use_sliding_window": False,
                    "vocab_size": 101}, [2, 21])
    gpt2 = GPT2Config(vocab_size=113, n_positions=30, n_embd=27, n_layer=2, n_head=3)
    language("gpt2", GPT2LMHeadModel, gpt2, [2, 11, 30])
    bert = dict(vocab_size=150, hidden_size=28, num_hidden_layers=2, num_attention_heads=7, intermediate_size=41,
                max_position_embeddings=26)
    encoder("bert", BertConfig(hidden_act="gelu", **bert), [1, 5, 26, 17])
    text_classifier("bert_classifier", BertConfig(hidden_act="gelu_new", num_labels=3, **bert), [1, 5, 26, 17])
    perceptron("mlp", [13, 21, 9, 5], 4)


main()
