#pragma once

#include "app/setting_list/setting_limits.h"

namespace splatscope {

// What attention is computed from, and how.
template <class D, class Visitor>
void visit_attention(D& document, Visitor& visitor) {
    visitor(
        "attention.form", document.attention.form, Limits{},
        "token: splats lie on the vectors, one Gaussian a splat on both sides; shared, paired: "
        "they are fitted to softmax(q . k), with one or two Gaussians a splat; auto: shared for "
        "the queries and keys of a head, else token");
    visitor("attention.mode", document.attention.mode, Limits{},
            "dense: every splat; sparse: a token's best splats on both sides (splats_per_token, 16 "
            "by itself); spatial: these found through cells");
    visitor("attention.temperature", document.attention.temperature, Limits{0.01, 100},
            "divides the Gaussian part of every log kernel");
    visitor("attention.causal", document.attention.causal, Limits{},
            "a token attends to itself and what comes before it, never to what follows; the target "
            "too");
    visitor("attention.window", document.attention.window, Limits{0, 4096},
            "exact scores for so many tokens on either side, beside the splats; 0 = none");
    visitor(
        "attention.blend", document.attention.blend, Limits{0, 1},
        "share of the splats beside the window's own softmax; auto: 0.5 in the form token, else "
        "window and splats in one normaliser");
    visitor("attention.near", document.attention.near, Limits{0, 64},
            "exact scores for the tokens of a row's so many best splats (forms shared, paired)");
    visitor("attention.near_limit", document.attention.near_limit, Limits{1, 65536},
            "with attention.near: at most so many tokens of a splat");
    visitor("attention.anchors", document.attention.anchors, Limits{0, 4096},
            "exact scores for the so many heaviest columns (forms shared, paired)");
    visitor("attention.mask", document.attention.mask, Limits{},
            "tokens that no row attends to, A:B,C:D,...: padding; empty = none");
    visitor("attention.normalise", document.attention.normalise, Limits{},
            "row: rows of P K; softmax: of the log scores over tau; softmax-linear: of the scores "
            "themselves, nearly flat");
    visitor("attention.tau", document.attention.tau, Limits{0.001, 1000},
            "with softmax: below 1 sharper, above 1 flatter; 1 = row");
    visitor("attention.top_k", document.attention.top_k, Limits{0, 1e9},
            "keep only the k largest of each row, renormalised; 0 = all");
    visitor("attention.threshold", document.attention.threshold, Limits{0, 1},
            "keep only attention of at least this, renormalised; 0 = all");
    visitor("attention.splats_per_token", document.attention.splats_per_token, Limits{0, 1e9},
            "a token speaks through its m best splats only; 0 = all");
    visitor(
        "splats.kernel", document.splats.kernel, Limits{},
        "covariance of splats that are initialised here: one width, one an axis, a few directions "
        "beside these, or everything; auto: spherical, fitted to a head diagonal");
    visitor("splats.seed", document.splats.seed, Limits{0, 1e15},
            "seed of the initialisation: same seed, same splats");
    visitor("splats.background", document.splats.background, Limits{},
            "add one splat that covers everything, so that no attention is exactly zero");
    visitor("coordinates.smoothing", document.coordinates.smoothing, Limits{},
            "smoothing of the level coordinates along the text: auto, off, trailing (past only), "
            "factor");
    visitor("coordinates.smoothing_factor", document.coordinates.smoothing_factor, Limits{0, 100},
            "with smoothing factor: every width times this");
    visitor("coordinates.position", document.coordinates.position, Limits{0, 0.3},
            "weight of the position in the text as a coordinate of its own");
    visitor("embed.method", document.embed.method, Limits{},
            "where vectors of a text come from: a transformer (model), the text itself "
            "(cooccurrence), a file; auto: the file's, else the model's where one is found");
    visitor("embed.model", document.embed.model, Limits{},
            "a model's folder, or its name in SPLATSCOPE_MODELS or the user's data folder");
    visitor("embed.tokenizer", document.embed.tokenizer, Limits{},
            "what the tokens of a text are: words, characters, bytes, lines, or a vocab.txt, "
            "tokenizer.json or SentencePiece .model; auto: the model's, else words");
    visitor("embed.layer", document.embed.layer, Limits{0, 4096},
            "the layer of a model or of a file with its heads, from 0; auto: the last, of a file "
            "the first");
    visitor("embed.head", document.embed.head, Limits{0, 4096},
            "the head of that layer, from 0: its queries, keys and values; auto: the layer's "
            "states, of a file head 0");
    visitor("embed.window", document.embed.window, Limits{8, 65536},
            "tokens that a model reads at once");
    visitor("embed.stride", document.embed.stride, Limits{1, 65536},
            "from the start of one window to that of the next, where no head is chosen");
    visitor("replace.heads", document.replace.heads, Limits{},
            "heads whose place splats take: all, LAYER or LAYER:HEAD, each with =BLEND, by commas");
    visitor("replace.mode", document.replace.mode, Limits{},
            "full: splats alone; hybrid: blended with the head's own attention; added: beside it; "
            "outside: for tokens that its window does not hold");
    visitor("replace.blend", document.replace.blend, Limits{0, 1},
            "share of the splats where a head names none");
    visitor("replace.bound", document.replace.bound, Limits{0, 1e6},
            "a head whose splats have a larger row-KL keeps its own attention");
    visitor("target.source", document.target.source, Limits{},
            "what attention should match: scores of the embeddings, none, or a file");
    visitor("target.path", document.target.path, Limits{},
            "an n x n .npy of rows that sum to 1, with target.source file");
    visitor("target.scale", document.target.scale, Limits{0, 1e6, true},
            "scale of the target's scores; auto = 1 / sqrt(dimensions)");
}

}  // namespace splatscope
