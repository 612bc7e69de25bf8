#pragma once

#include "engine/core/matrix.h"
#include "engine/core/packed_product.h"
#include "engine/core/work.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hsa {

enum class Activation : std::uint8_t { gelu, gelu_tanh, relu };

// The sizes of a BERT-family encoder.
struct TransformerShape {
    std::size_t layers = 0;
    std::size_t heads = 0;         // of a layer
    std::size_t hidden = 0;        // a multiple of heads
    std::size_t intermediate = 0;  // of the feed-forward part
    std::size_t vocabulary = 0;
    std::size_t positions = 0;       // tokens of the longest window, special ones too
    std::size_t first_position = 0;  // row of the position table that the first token takes
    float epsilon = 1e-12F;          // of the normalisations
    Activation activation = Activation::gelu;

    [[nodiscard]] std::size_t head_size() const { return hidden / heads; }
};

// Mean 0 and variance 1, times scale plus shift: [hidden] each.
struct LayerNorm {
    std::vector<float> scale;
    std::vector<float> shift;
};

// x W + b.
struct Linear {
    PackedMatrix weights;  // [in, out]
    std::vector<float> bias;
};

struct TransformerLayer {
    Linear heads;  // [hidden, 3 hidden]: the queries of all heads, their keys, their values
    Linear output;
    LayerNorm attention_norm;
    Linear up;  // [hidden, intermediate]
    Linear down;
    LayerNorm output_norm;
};

// An encoder's weights, packed for products; immutable. Words stay where the file has them.
struct Transformer {
    std::string name;  // the folder it came from
    std::uint64_t hash = 0;
    TransformerShape shape;
    MatrixView<const float> words;     // [vocabulary, hidden]
    std::shared_ptr<const void> kept;  // what `words` lies in
    Matrix<float> positions;           // [positions, hidden]: from first_position on, plus type 0
    LayerNorm embedding_norm;
    std::vector<TransformerLayer> layers;
};

// From the model.safetensors and config.json of a folder: bert, roberta, xlm-roberta, camembert,
// distilbert and electra with absolute positions, weights in F32, F16, BF16 or F64. Throws Error
// naming what is missing or not understood.
[[nodiscard]] std::shared_ptr<const Transformer> read_transformer(const std::string& folder,
                                                                  const Work& work);

}  // namespace hsa
