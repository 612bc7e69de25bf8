#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/core/parallel.h"
#include "engine/embed/transformer.h"
#include "engine/io/file.h"
#include "engine/io/json.h"
#include "engine/io/json_fields.h"
#include "engine/io/safetensors.h"

#include <fmt/core.h>

#include <array>
#include <numeric>
#include <string>
#include <utility>

namespace hsa {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 24;  // of any size in a config

// What the tensors of a family are called; {} is the layer.
struct Family {
    const char* type;                     // "model_type" of config.json
    std::array<const char*, 4> prefixes;  // of which one stands before all names
    const char* layer;
    const char* query;
    const char* key;
    const char* value;
    const char* output;
    const char* attention_norm;
    const char* up;
    const char* down;
    const char* output_norm;
    std::size_t skipped_positions;  // rows of the position table that no token takes
    bool types;                     // has token types
};

constexpr Family bert_family(const char* type, const char* prefix, std::size_t skipped) {
    return {type,
            {"", prefix, "model.", "encoder."},
            "encoder.layer.{}.",
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
            "attention.output.LayerNorm",
            "intermediate.dense",
            "output.dense",
            "output.LayerNorm",
            skipped,
            true};
}

constexpr std::array<Family, 6> kFamilies = {bert_family("bert", "bert.", 0),
                                             bert_family("roberta", "roberta.", 2),
                                             bert_family("xlm-roberta", "roberta.", 2),
                                             bert_family("camembert", "roberta.", 2),
                                             bert_family("electra", "electra.", 0),
                                             Family{"distilbert",
                                                    {"", "distilbert.", "model.", "encoder."},
                                                    "transformer.layer.{}.",
                                                    "attention.q_lin",
                                                    "attention.k_lin",
                                                    "attention.v_lin",
                                                    "attention.out_lin",
                                                    "sa_layer_norm",
                                                    "ffn.lin1",
                                                    "ffn.lin2",
                                                    "output_layer_norm",
                                                    0,
                                                    false}};

const Family& family_of(const std::string& path, const std::string& type) {
    std::string known;
    for (const Family& family : kFamilies) {
        if (type == family.type) return family;
        known += (known.empty() ? "" : ", ") + std::string(family.type);
    }
    fail("{}: model_type '{}' is not one of the encoders that are read: {}.", path, type, known);
}

// A size under one of two names.
std::size_t size_at(const JsonFields& config, const char* name, const char* other) {
    const char* key = config.has(name) ? name : other;
    return static_cast<std::size_t>(config.integer(key, 1, kMost));
}

Activation activation_of(const std::string& path, const JsonFields& config) {
    const char* key = config.has("hidden_act") ? "hidden_act" : "activation";
    const std::string name = config.has(key) ? config.text(key) : "gelu";
    if (name == "gelu") return Activation::gelu;
    if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast")
        return Activation::gelu_tanh;
    if (name == "relu") return Activation::relu;
    fail("{}: {} '{}' is not one of gelu, gelu_new and relu.", path, key, name);
}

TransformerShape read_shape(const std::string& path, const JsonFields& config,
                            const Family& family) {
    if (config.has("position_embedding_type") &&
        config.text("position_embedding_type") != "absolute")
        fail("{}: position_embedding_type '{}': absolute positions alone are read.", path,
             config.text("position_embedding_type"));
    TransformerShape shape;
    shape.layers = size_at(config, "num_hidden_layers", "n_layers");
    shape.heads = size_at(config, "num_attention_heads", "n_heads");
    shape.hidden = size_at(config, "hidden_size", "dim");
    shape.intermediate = size_at(config, "intermediate_size", "hidden_dim");
    shape.vocabulary = size_at(config, "vocab_size", "vocab_size");
    const std::size_t table = size_at(config, "max_position_embeddings", "max_position_embeddings");
    shape.first_position = family.skipped_positions;
    if (family.skipped_positions > 0 && config.has("pad_token_id"))
        shape.first_position =
            static_cast<std::size_t>(config.integer("pad_token_id", 0, kMost)) + 1;
    if (table <= shape.first_position + 2)
        fail("{}: {} positions leave no room for a token between two special ones.", path, table);
    shape.positions = table - shape.first_position;
    if (const auto epsilon = config.optional_number("layer_norm_eps"))
        shape.epsilon = static_cast<float>(*epsilon);
    shape.activation = activation_of(path, config);
    if (shape.hidden % shape.heads != 0)
        fail("{}: {} hidden dimensions do not divide into {} heads.", path, shape.hidden,
             shape.heads);
    if (config.has("embedding_size") &&
        static_cast<std::size_t>(config.integer("embedding_size", 1, kMost)) != shape.hidden)
        fail("{}: embedding_size differs from hidden_size, which is not read.", path);
    return shape;
}

// Tensors of a model by the names of its family.
class Reader {
  public:
    Reader(const Safetensors& file, const Family& family, const TransformerShape& shape)
        : file_(file), family_(family), shape_(shape) {
        for (const char* prefix : family.prefixes)
            if (file.has(prefix + std::string("embeddings.word_embeddings.weight"))) {
                prefix_ = prefix;
                return;
            }
    }

    [[nodiscard]] std::string embeddings(const char* name) const {
        return prefix_ + "embeddings." + name;
    }
    [[nodiscard]] std::string layer(std::size_t index, const char* name) const {
        return prefix_ + fmt::format(fmt::runtime(family_.layer), index) + name;
    }
    [[nodiscard]] std::vector<float> line(const std::string& name, std::size_t length) const {
        const Matrix<float> values = file_.matrix(name, 1, length);
        return {values.data(), values.data() + values.size()};
    }
    [[nodiscard]] LayerNorm norm(const std::string& name) const {
        const bool old = file_.has(name + ".gamma");
        return {line(name + (old ? ".gamma" : ".weight"), shape_.hidden),
                line(name + (old ? ".beta" : ".bias"), shape_.hidden)};
    }
    // The weights of PyTorch's Linear, [out, in], beside those that are there from `first` on.
    void add(Linear& into, const std::string& name, std::size_t outputs, std::size_t first) const {
        const std::size_t inputs = into.weights.inner();
        const Matrix<float> weights = file_.matrix(name + ".weight", outputs, inputs);
        for (std::size_t c = 0; c < outputs; ++c)
            into.weights.put_column(first + c, weights.row(c));
        const std::vector<float> bias = line(name + ".bias", outputs);
        into.bias.insert(into.bias.end(), bias.begin(), bias.end());
    }
    [[nodiscard]] Linear linear(const std::string& name, std::size_t inputs,
                                std::size_t outputs) const {
        Linear made{PackedMatrix(inputs, outputs), {}};
        add(made, name, outputs, 0);
        return made;
    }
    [[nodiscard]] TransformerLayer read_layer(std::size_t index) const {
        const std::size_t hidden = shape_.hidden;
        TransformerLayer made;
        made.heads.weights = PackedMatrix(hidden, 3 * hidden);
        add(made.heads, layer(index, family_.query), hidden, 0);
        add(made.heads, layer(index, family_.key), hidden, hidden);
        add(made.heads, layer(index, family_.value), hidden, 2 * hidden);
        made.output = linear(layer(index, family_.output), hidden, hidden);
        made.attention_norm = norm(layer(index, family_.attention_norm));
        made.up = linear(layer(index, family_.up), hidden, shape_.intermediate);
        made.down = linear(layer(index, family_.down), shape_.intermediate, hidden);
        made.output_norm = norm(layer(index, family_.output_norm));
        return made;
    }
    // Positions of tokens, with what type 0 adds.
    [[nodiscard]] Matrix<float> positions() const {
        const Matrix<float> table =
            file_.matrix(embeddings("position_embeddings.weight"),
                         shape_.positions + shape_.first_position, shape_.hidden);
        Matrix<float> made(shape_.positions, shape_.hidden);
        std::vector<float> type(shape_.hidden);
        if (family_.types) {
            const Matrix<float> types = file_.matrix(embeddings("token_type_embeddings.weight"));
            if (types.cols() != shape_.hidden || types.rows() == 0)
                fail("{}: the token types have {} x {} numbers where {} columns are expected.",
                     file_.name(), types.rows(), types.cols(), shape_.hidden);
            type.assign(types.row(0).begin(), types.row(0).end());
        }
        for (std::size_t p = 0; p < made.rows(); ++p)
            for (std::size_t a = 0; a < made.cols(); ++a)
                made(p, a) = table(p + shape_.first_position, a) + type[a];
        return made;
    }

  private:
    const Safetensors& file_;
    const Family& family_;
    const TransformerShape& shape_;
    std::string prefix_;
};

// Where the table lies in the file as float32, it stays there.
void read_words(Transformer& model, const Safetensors& file, const std::string& name) {
    const TensorPlace& place = file.at(name);
    if (place.shape != std::vector<std::uint64_t>{model.shape.vocabulary, model.shape.hidden})
        fail("{}: tensor '{}' does not have the {} x {} numbers that config.json says.",
             file.name(), name, model.shape.vocabulary, model.shape.hidden);
    model.words = file.view(name);
    model.kept = file.file().owner();
    if (!model.words.empty()) return;
    auto own = std::make_shared<const Matrix<float>>(file.matrix(name));
    model.words = own->view();
    model.kept = own;
}

}  // namespace

std::shared_ptr<const Transformer> read_transformer(const std::string& folder, const Work& work) {
    const std::string config_path = folder + "/config.json";
    const std::string config_text = read_file(config_path);
    const nlohmann::json config = parse_json(config_path, config_text);
    const JsonFields fields(config_path, "", config);
    const Family& family = family_of(config_path, fields.text("model_type"));
    auto model = std::make_shared<Transformer>();
    model->name = folder;
    model->shape = read_shape(config_path, fields, family);
    const Safetensors file = Safetensors::open(folder + "/model.safetensors");
    model->hash = hash_text(file.file().view(), hash_text(config_text));
    work.check();
    const Reader reader(file, family, model->shape);
    read_words(*model, file, reader.embeddings("word_embeddings.weight"));
    model->positions = reader.positions();
    model->embedding_norm = reader.norm(reader.embeddings("LayerNorm"));
    model->layers.resize(model->shape.layers);
    parallel_for(model->layers.size(), [&](std::size_t index) {
        work.check();
        model->layers[index] = reader.read_layer(index);
    });
    return model;
}

}  // namespace hsa
