#include "engine/warm_up.h"

#include "engine/adapt/initialise.h"
#include "engine/adapt/measures.h"
#include "engine/attention/factors.h"
#include "engine/core/parallel.h"
#include "engine/embed/coordinates.h"
#include "engine/io/npy.h"
#include "engine/io/open.h"
#include "tests/unit/engine/adapt/synthetic.h"
#include "tests/unit/engine/io/io_test.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using hsa::Matrix;

namespace {

constexpr std::size_t kAxes = 8;

// Rows drawn alike: around the same twelve directions, other seeds other rows.
Matrix<float> rows_of(std::size_t n, std::uint64_t seed) {
    static const auto around = adapt_test::directions(12, kAxes, 3);
    return adapt_test::clusters(n, around, 12, seed, 0.25);
}

struct Open {
    std::unique_ptr<hsa::Backend> backend = adapt_test::cpu();
    hsa::Dataset dataset = hsa::open_embeddings("open.npy", hsa::write_npy(rows_of(400, 1).view()));
    hsa::Hierarchy hierarchy = hsa::make_hierarchy(2, 400);
    hsa::Coordinates coordinates = hsa::estimate_coordinates(dataset, hierarchy, {}, {});

    [[nodiscard]] hsa::SplatRegistry cold(std::vector<std::size_t> counts,
                                          hsa::InitMethod method = hsa::InitMethod::levels) const {
        hsa::InitSettings init;
        init.method = method;
        init.counts = std::move(counts);
        return hsa::initialise(*backend, dataset, coordinates, hierarchy, init, {}, {}).registry;
    }
    [[nodiscard]] hsa::SplatRegistry warmed(const hsa::SplatRegistry& first,
                                            const hsa::WarmUp& warm_up) const {
        return *hsa::warmed_up(*backend, dataset, coordinates,
                               std::make_shared<const hsa::SplatRegistry>(first), warm_up,
                               [](const std::string&) { return std::string(); }, {});
    }
    [[nodiscard]] double row_kl(const hsa::SplatRegistry& registry) const {
        const auto target = hsa::make_target(dataset, coordinates, {});
        const hsa::Factors factors = hsa::compute_factors(*backend, registry, coordinates, {}, {});
        return *hsa::measure(factors, registry, *backend, coordinates, target.get(), {}, {}).row_kl;
    }
};

std::string put(const io_test::Folder& folder, const std::string& name, const Matrix<float>& rows) {
    std::string path = folder.at(name);
    io_test::put_file(path, hsa::write_npy(rows.view()));
    return path;
}

hsa::WarmUp warm_up_on(std::vector<std::string> files, std::size_t cycles) {
    hsa::WarmUp warm_up;
    warm_up.files = std::move(files);
    warm_up.cycles = cycles;
    warm_up.settings.adapt = adapt_test::fast();
    return warm_up;
}

}  // namespace

TEST_CASE("splats warmed up on data drawn alike begin nearer to the target", "[warm_up]") {
    const io_test::Folder folder;
    const Open open;
    const hsa::WarmUp warm_up = warm_up_on(
        {put(folder, "a.npy", rows_of(500, 2)), put(folder, "b.npy", rows_of(300, 3))}, 8);
    const hsa::SplatRegistry first = open.cold({16, 4});
    const hsa::SplatRegistry warmed = open.warmed(first, warm_up);
    const hsa::SplatRegistry cold = open.cold({warmed.count(0), warmed.count(1)});
    REQUIRE(cold.size() == warmed.size());
    INFO("cold " << open.row_kl(cold) << ", warmed up " << open.row_kl(warmed));
    CHECK(open.row_kl(warmed) < 0.8 * open.row_kl(cold));
    hsa::check_invariants(warmed);
}

TEST_CASE("a warm-up leaves starting splats, the same bits each time", "[warm_up][laws]") {
    const io_test::Folder folder;
    const Open open;
    const hsa::WarmUp warm_up = warm_up_on(
        {put(folder, "a.npy", rows_of(200, 2)), put(folder, "b.npy", rows_of(150, 3))}, 3);
    const hsa::SplatRegistry first = open.cold({10, 3});
    const hsa::SplatRegistry warmed = open.warmed(first, warm_up);
    CHECK_FALSE(hsa::same_bits(warmed, first));
    CHECK(std::all_of(warmed.age.begin(), warmed.age.end(), [](auto age) { return age == 3; }));
    CHECK(std::all_of(warmed.usage_history.begin(), warmed.usage_history.end(),
                      [](const hsa::UsageHistory& usage) { return usage.count == 0; }));
    CHECK(std::is_sorted(warmed.id.begin(), warmed.id.end()));
    CHECK(warmed.next_id >= first.next_id);
    CHECK(warmed.id.back() < warmed.next_id);
    CHECK(warmed.coordinates == first.coordinates);
    {
        const hsa::ThreadLimit one(1);
        CHECK(hsa::same_bits(open.warmed(first, warm_up), warmed));
    }
    hsa::WarmUp other = warm_up;
    std::swap(other.files[0], other.files[1]);  // in turn: the order counts
    CHECK_FALSE(hsa::same_bits(open.warmed(first, other), warmed));

    // The level shares hold on the data that are open.
    hsa::SplatRegistry again = warmed;
    for (const double offset : hsa::solve_level_offsets(*open.backend, open.coordinates, again, {}))
        CHECK(std::abs(offset) < 1e-4);
}

TEST_CASE("splats of every start and data of every size are warmed up", "[warm_up]") {
    const io_test::Folder folder;
    const Open open;
    for (const hsa::InitMethod method :
         {hsa::InitMethod::kmeans, hsa::InitMethod::pca, hsa::InitMethod::random}) {
        const hsa::WarmUp warm_up = warm_up_on({put(folder, "few.npy", rows_of(24, 5))}, 2);
        hsa::check_invariants(open.warmed(open.cold({6, 2}, method), warm_up));
    }
    const hsa::WarmUp one_row = warm_up_on({put(folder, "one.npy", rows_of(1, 5))}, 2);
    hsa::check_invariants(open.warmed(open.cold({6, 2}), one_row));
}

TEST_CASE("what splats cannot be warmed up on is refused", "[warm_up]") {
    const io_test::Folder folder;
    Open open;
    const hsa::SplatRegistry first = open.cold({6, 2});
    const auto refuses = [&](const std::string& file, const std::vector<std::string>& parts) {
        io_test::check_fails([&] { (void)open.warmed(first, warm_up_on({file}, 1)); }, parts);
    };
    io_test::put_file(folder.at("words.txt"), "A text of some words, and no vectors at all.\n");
    refuses(folder.at("words.txt"), {"words.txt", "is a text", "co-occurrence"});
    refuses(folder.at("nowhere.npy"), {"nowhere.npy"});
    refuses(put(folder, "wide.npy", Matrix<float>(20, kAxes + 1, 1.0F)),
            {"wide.npy", "9 numbers", "open.npy 8", "same model"});
    open.dataset.embedding_id = "cooccurrence:0";
    refuses(put(folder, "a.npy", rows_of(50, 2)), {"open.npy", "co-occurrence"});
    hsa::Request request;
    CHECK_THROWS_AS((void)hsa::warm_up_of(request, hsa::Form::shared), hsa::Error);
}

TEST_CASE("a splat that two of three texts use is not killed by the third", "[warm_up][signals]") {
    const io_test::Folder folder;
    const auto around = adapt_test::directions(12, kAxes, 3);
    const std::vector<std::vector<double>> others(around.begin() + 1, around.end());
    const auto text = [&](const std::string& name, bool whole, std::uint64_t seed) {
        return put(folder, name,
                   whole ? adapt_test::clusters(360, around, 12, seed)
                         : adapt_test::clusters(360, others, 11, seed));
    };
    const std::vector<std::string> files = {text("a.npy", true, 5), text("b.npy", true, 6),
                                            text("c.npy", false, 7)};
    const hsa::Dataset dataset = hsa::open_embeddings(
        "open.npy", hsa::write_npy(adapt_test::clusters(360, around, 12, 8).view()));
    const hsa::Coordinates coordinates = hsa::raw_coordinates(dataset, 1);
    std::vector<hsa::Splat> splats;
    for (const auto& direction : around) splats.push_back(adapt_test::splat_at(direction));
    const auto first = std::make_shared<const hsa::SplatRegistry>(adapt_test::registry_of(splats));
    const auto backend = adapt_test::cpu();
    const auto warmed = [&](double smoothing) {
        hsa::WarmUp warm_up = warm_up_on(files, 6);
        warm_up.settings.adapt.rate_mitosis = warm_up.settings.adapt.rate_birth = 0;
        warm_up.settings.adapt.smoothing = smoothing;
        warm_up.settings.target.scale = 1.0;
        return hsa::warmed_up(*backend, dataset, coordinates, first, warm_up,
                              [](const std::string&) { return std::string(); }, {});
    };
    const auto alone = warmed(0.0);
    const auto together = warmed(0.5);
    CHECK_FALSE(alone->find(0).has_value());
    REQUIRE(together->find(0).has_value());
    // All that the third text uses stay as well.
    for (hsa::SplatId id = 1; id < 12; ++id) CHECK(together->find(id).has_value());
    // What the last text was covered like goes with the splats: open data are held against it.
    CHECK(together->covered.size() == 1);
}
