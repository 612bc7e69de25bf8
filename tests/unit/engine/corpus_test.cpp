#include "engine/corpus.h"

#include "engine/adapt/initialise.h"
#include "engine/core/parallel.h"
#include "engine/embed/coordinates.h"
#include "engine/io/npy.h"
#include "tests/unit/engine/adapt/synthetic.h"
#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/npz_file.h"

#include <algorithm>
#include <string>
#include <vector>

using hsa::Matrix;

namespace {

constexpr std::size_t kAxes = 6;

Matrix<float> rows_of(std::size_t n, std::uint64_t seed) {
    return adapt_test::clusters(n, adapt_test::directions(5, kAxes, 3), 5, seed);
}

std::string put(const io_test::Folder& folder, const std::string& name, const Matrix<float>& rows) {
    std::string path = folder.at(name);
    io_test::put_file(path, hsa::write_npy(rows.view()));
    return path;
}

hsa::Corpus corpus_of(const std::vector<std::string>& files, const hsa::CorpusOptions& options) {
    return hsa::corpus_splats(*adapt_test::cpu(), files, options,
                              [](const std::string&) { return std::string(); }, {});
}

}  // namespace

TEST_CASE("a corpus that fits is all of its rows, file after file", "[corpus]") {
    const io_test::Folder folder;
    const Matrix<float> a = rows_of(90, 1);
    const Matrix<float> b = rows_of(130, 2);
    hsa::CorpusOptions options;
    options.init.counts = {9, 3};
    options.coordinates.position = 0.2;  // a pool has no positions
    const hsa::Corpus corpus =
        corpus_of({put(folder, "a.npy", a), put(folder, "b.npy", b)}, options);
    CHECK(corpus.files == 2);
    CHECK(corpus.rows == 220);
    CHECK(corpus.rows_used == 220);
    CHECK(corpus.dimension == kAxes);
    CHECK(corpus.registry.count(0) == 9);
    CHECK(corpus.registry.count(1) == 3);
    REQUIRE(corpus.registry.coordinates);
    CHECK(corpus.registry.coordinates->embedding.starts_with("corpus:"));
    CHECK(corpus.registry.coordinates->position == 0.0);
    for (const hsa::LevelCoordinates& level : corpus.registry.coordinates->levels)
        CHECK(level.h == 0.0);

    // The same splats as of one file that holds both.
    Matrix<float> both(220, kAxes);
    std::copy_n(a.data(), a.size(), both.data());
    std::copy_n(b.data(), b.size(), both.data() + a.size());
    hsa::Corpus one = corpus_of({put(folder, "both.npy", both)}, options);
    CHECK(hsa::hash_registry(one.registry) == hsa::hash_registry(corpus.registry));
    CHECK(one.registry.coordinates->axes == corpus.registry.coordinates->axes);
}

TEST_CASE("a corpus beyond the pool is drawn from every stretch, and again the same", "[corpus]") {
    const io_test::Folder folder;
    // The rows of a file say which it is: the pool's mean tells what was drawn.
    const std::vector<std::size_t> sizes = {300, 900, 600};
    std::vector<std::string> files;
    for (std::size_t f = 0; f < sizes.size(); ++f) {
        Matrix<float> rows = rows_of(sizes[f], f);
        for (std::size_t i = 0; i < rows.rows(); ++i) {
            rows(i, 0) = static_cast<float>(f == 0);
            rows(i, 1) = static_cast<float>(f == 1);
            rows(i, 2) = static_cast<float>(i) / static_cast<float>(rows.rows());
        }
        files.push_back(put(folder, std::to_string(f) + ".npy", rows));
    }
    hsa::CorpusOptions options;
    options.init.counts = {8, 2};
    options.most_rows = 180;
    const hsa::Corpus corpus = corpus_of(files, options);
    CHECK(corpus.rows == 1800);
    CHECK(corpus.rows_used == 180);
    const std::vector<double>& mean = corpus.registry.coordinates->mean;
    CHECK(mean[0] == Approx(30.0 / 180.0).epsilon(1e-6));
    CHECK(mean[1] == Approx(90.0 / 180.0).epsilon(1e-6));
    CHECK(mean[2] == Approx(0.5).margin(0.01));
    {
        const hsa::ThreadLimit one(1);
        CHECK(hsa::same_bits(corpus_of(files, options).registry, corpus.registry));
    }
    options.splats.seed = 2;
    CHECK_FALSE(hsa::same_bits(corpus_of(files, options).registry, corpus.registry));
}

TEST_CASE("padding of a file is no part of a corpus", "[corpus][mask]") {
    const io_test::Folder folder;
    const Matrix<float> rows = rows_of(90, 1);
    Matrix<float> padded(100, kAxes, 50.0F);  // the last ten would move every mean
    std::copy_n(rows.data(), rows.size(), padded.data());
    std::vector<float> mask(100, 1.0F);
    std::fill(mask.begin() + 90, mask.end(), 0.0F);
    std::string numbers = "\x93NUMPY";
    numbers.append("\1\0", 2);
    const std::string header = "{'descr': '|i1', 'fortran_order': False, 'shape': (100,)}";
    numbers += static_cast<char>(header.size());
    numbers += '\0';
    numbers += header;
    for (const float seen : mask) numbers += static_cast<char>(seen);
    io_test::put_file(folder.at("padded.npz"),
                      io_test::npz_of({{"embeddings.npy", hsa::write_npy(padded.view())},
                                       {"mask.npy", numbers}}));
    hsa::CorpusOptions options;
    options.init.counts = {6, 2};
    const hsa::Corpus plain = corpus_of({put(folder, "plain.npy", rows)}, options);
    const hsa::Corpus masked = corpus_of({folder.at("padded.npz")}, options);
    CHECK(masked.rows == 90);
    CHECK(hsa::hash_registry(masked.registry) == hsa::hash_registry(plain.registry));
}

TEST_CASE("what makes no corpus is refused by name", "[corpus]") {
    const io_test::Folder folder;
    const std::string good = put(folder, "good.npy", rows_of(60, 1));
    const auto refuses = [&](const std::vector<std::string>& files,
                             const std::vector<std::string>& parts) {
        io_test::check_fails([&] { (void)corpus_of(files, {}); }, parts);
    };
    io_test::put_file(folder.at("words.txt"), "A text of some words, and no vectors at all.\n");
    refuses({good, folder.at("words.txt")}, {"words.txt", "is a text", "co-occurrence", ".npy"});
    const std::string wide = put(folder, "wide.npy", Matrix<float>(20, kAxes + 1, 1.0F));
    refuses({good, wide}, {"wide.npy", "7 numbers", "good.npy 6"});
    refuses({good, folder.at("nowhere.npy")}, {"nowhere.npy"});
    refuses({}, {"at least one file"});
}
