#include "engine/corpus.h"

#include "engine/adapt/initialise.h"
#include "engine/attention/near_set.h"
#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/core/random.h"
#include "engine/embed/coordinates.h"
#include "engine/load.h"
#include "engine/model/key_mask.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace hsa {
namespace {

enum Purpose : std::uint64_t { pool_purpose = 30 };
constexpr std::size_t kLevels = 4;

// The files of a corpus: how many rows of each are not masked, and these while all fit into the
// pool.
class Files {
  public:
    Files(std::span<const std::string> paths, const CorpusOptions& options,
          const SampleReader& read_sample, const Work& work)
        : paths_(paths), options_(options), read_sample_(read_sample), work_(work) {
        for (std::size_t f = 0; f < paths.size(); ++f) {
            const std::shared_ptr<const Dataset> data = read(f, 0.0);
            const std::size_t columns = data->embeddings.rows.cols;
            if (f == 0) columns_ = columns;
            if (columns != columns_)
                fail(
                    "{}: its rows have {} numbers and those of {} {}: a corpus is of vectors that "
                    "one model made.",
                    paths[f], columns, paths[0], columns_);
            ends_.push_back(rows() + data->size() - data->masked.size());
            hashes_.push_back(data->hash);
            kept_.push_back(data);
            if (rows() > options.most_rows) std::fill(kept_.begin(), kept_.end(), nullptr);
        }
        if (rows() > std::numeric_limits<std::uint32_t>::max())
            fail("The files of the corpus have {} rows: at most {} can be counted.", rows(),
                 std::numeric_limits<std::uint32_t>::max());
    }

    [[nodiscard]] std::size_t rows() const { return ends_.empty() ? 0 : ends_.back(); }
    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] std::uint64_t hash() const {
        return hash_values(std::span<const std::uint64_t>(hashes_));
    }

    // The rows of `places` among those of all files, rising.
    [[nodiscard]] Matrix<float> take(std::span<const std::uint32_t> places) const {
        Matrix<float> pool = Matrix<float>::unwritten(places.size(), columns_);
        std::size_t next = 0;
        for (std::size_t f = 0; f < paths_.size() && next < places.size(); ++f) {
            const std::size_t begin = f == 0 ? 0 : ends_[f - 1];
            if (places[next] >= ends_[f]) continue;
            const std::shared_ptr<const Dataset> data = kept_[f] ? kept_[f] : read(f, 0.5);
            const std::vector<std::uint32_t> visible = visible_tokens(data->masked, data->size());
            if (visible.size() != ends_[f] - begin || data->embeddings.rows.cols != columns_)
                fail("{} was changed while it was read: try again.", paths_[f]);
            for (; next < places.size() && places[next] < ends_[f]; ++next) {
                const auto row = data->embeddings.rows.row(visible[places[next] - begin]);
                std::copy(row.begin(), row.end(), pool.row(next).begin());
            }
        }
        return pool;
    }

  private:
    [[nodiscard]] std::shared_ptr<const Dataset> read(std::size_t f, double from) const {
        work_.check();
        work_.report("reading " + paths_[f],
                     from + 0.5 * static_cast<double>(f) / static_cast<double>(paths_.size()));
        return load_vectors(paths_[f], options_.embed, read_sample_);
    }

    std::span<const std::string> paths_;
    const CorpusOptions& options_;
    const SampleReader& read_sample_;
    const Work& work_;
    std::size_t columns_ = 0;
    std::vector<std::size_t> ends_;
    std::vector<std::uint64_t> hashes_;
    std::vector<std::shared_ptr<const Dataset>> kept_;  // null: read again when it is needed
};

// Methods that need other data than a pool give the recipe's splats.
InitSettings init_for(const InitSettings& init) {
    InitSettings used;
    if (init.method != InitMethod::file && init.method != InitMethod::distil) {
        used.method = init.method;
        used.counts = init.counts;
    }
    return used;
}

}  // namespace

Corpus corpus_splats(Backend& backend, std::span<const std::string> files,
                     const CorpusOptions& options, const SampleReader& read_sample,
                     const Work& work) {
    if (files.empty()) fail("A corpus needs at least one file of vectors.");
    Corpus corpus;
    corpus.files = files.size();
    Dataset pool;
    pool.source = "the pool of the corpus";
    {
        const Files all(files, options, read_sample, work);
        corpus.rows = all.rows();
        corpus.dimension = all.columns();
        pool.hash = all.hash();
        pool.embeddings = Embeddings::own(all.take(sampled_rows(
            all.rows(), options.most_rows, random_bits({options.splats.seed, pool_purpose}))));
    }
    pool.embedding_id = fmt::format("{}{:016x}", kCorpusEmbedding, pool.hash);
    corpus.rows_used = pool.size();
    const InitSettings init = init_for(options.init);
    const Hierarchy hierarchy =
        make_hierarchy(init.counts.empty() ? kLevels : init.counts.size(), pool.size());
    CoordinateSettings settings = options.coordinates;
    settings.smoothing = Smoothing::off;
    settings.position = 0.0;
    const Coordinates coordinates = estimate_coordinates(pool, hierarchy, settings, work);
    corpus.registry =
        initialise(backend, pool, coordinates, hierarchy, init, options.splats, work).registry;
    return corpus;
}

}  // namespace hsa
