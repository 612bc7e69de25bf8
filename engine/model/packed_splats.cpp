#include "engine/model/packed_splats.h"

#include <algorithm>
#include <bit>

namespace hsa {
namespace {

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

bool all_same(std::span<const float> values) {
    return std::all_of(values.begin(), values.end(),
                       [&](float value) { return bits(value) == bits(values.front()); });
}

void put(std::span<const float> values, std::vector<std::uint32_t>& words) {
    for (const float value : values) words.push_back(bits(value));
}

// A query side, after everything else: three numbers, then its lists.
void pack(const QueryGaussian& query, std::vector<std::uint32_t>& words) {
    const bool one = query.variance.size() > 1 && all_same(query.variance);
    words.insert(words.end(),
                 {static_cast<std::uint32_t>(query.kind) | static_cast<std::uint32_t>(one) << 4U,
                  static_cast<std::uint32_t>(query.centre.size()),
                  static_cast<std::uint32_t>(query.shape.size())});
    put(query.centre, words);
    put(std::span(query.variance).first(one ? 1 : query.variance.size()), words);
    put(query.shape, words);
}

// The words of one splat: nine numbers, then its lists.
void pack(const Splat& splat, std::vector<std::uint32_t>& words) {
    const bool one = splat.variance.size() > 1 && all_same(splat.variance);
    const std::uint32_t small = static_cast<std::uint32_t>(splat.level) |
                                static_cast<std::uint32_t>(splat.kind) << 16U |
                                static_cast<std::uint32_t>(splat.usage.count) << 20U |
                                static_cast<std::uint32_t>(one) << 28U |
                                static_cast<std::uint32_t>(splat.query.has_value()) << 29U;
    words.insert(words.end(), {splat.id, splat.parent, small, bits(splat.log_amplitude),
                               bits(splat.beta), std::bit_cast<std::uint32_t>(splat.age),
                               static_cast<std::uint32_t>(splat.centre.size()),
                               static_cast<std::uint32_t>(splat.variance.size()),
                               static_cast<std::uint32_t>(splat.shape.size())});
    put(splat.usage.recent(), words);
    put(splat.centre, words);
    put(std::span(splat.variance).first(one ? 1 : splat.variance.size()), words);
    put(splat.shape, words);
    if (splat.query) pack(*splat.query, words);
}

class Reader {
  public:
    explicit Reader(std::span<const std::uint32_t> words) : words_(words) {}

    std::uint32_t next() { return words_[at_++]; }
    void get(std::span<float> out) {
        for (float& value : out) value = std::bit_cast<float>(next());
    }

  private:
    std::span<const std::uint32_t> words_;
    std::size_t at_ = 0;
};

// A variance that was kept once where `one`.
void get_variance(Reader& reader, bool one, std::vector<float>& variance) {
    if (!one) return reader.get(variance);
    reader.get(std::span(variance).first(1));
    std::fill(variance.begin(), variance.end(), variance.front());
}

QueryGaussian unpack_query(Reader& reader) {
    QueryGaussian query;
    const std::uint32_t small = reader.next();
    query.kind = static_cast<CovarianceKind>(small & 0xfU);
    query.centre.resize(reader.next());
    query.variance.resize(query.centre.size());
    query.shape.resize(reader.next());
    reader.get(query.centre);
    get_variance(reader, (small >> 4U & 1U) != 0, query.variance);
    reader.get(query.shape);
    return query;
}

Splat unpack_one(Reader& reader) {
    Splat splat;
    splat.id = reader.next();
    splat.parent = reader.next();
    const std::uint32_t small = reader.next();
    splat.level = static_cast<std::uint16_t>(small & 0xffffU);
    splat.kind = static_cast<CovarianceKind>(small >> 16U & 0xfU);
    splat.usage.count = static_cast<std::uint8_t>(small >> 20U & 0xffU);
    const bool one = (small >> 28U & 1U) != 0;
    splat.log_amplitude = std::bit_cast<float>(reader.next());
    splat.beta = std::bit_cast<float>(reader.next());
    splat.age = std::bit_cast<std::int32_t>(reader.next());
    splat.centre.resize(reader.next());
    splat.variance.resize(reader.next());
    splat.shape.resize(reader.next());
    reader.get(std::span(splat.usage.values).first(splat.usage.count));
    reader.get(splat.centre);
    get_variance(reader, one, splat.variance);
    reader.get(splat.shape);
    if ((small >> 29U & 1U) != 0) splat.query = unpack_query(reader);
    return splat;
}

}  // namespace

PackedSplats::PackedSplats(std::span<const Splat> splats) : count_(splats.size()) {
    for (const Splat& splat : splats) pack(splat, words_);
    words_.shrink_to_fit();
}

std::vector<Splat> PackedSplats::unpack() const {
    std::vector<Splat> splats;
    splats.reserve(count_);
    Reader reader(words_);
    for (std::size_t s = 0; s < count_; ++s) splats.push_back(unpack_one(reader));
    return splats;
}

}  // namespace hsa
