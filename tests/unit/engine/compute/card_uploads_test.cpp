#include "engine/compute/card/card_uploads.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <memory>
#include <string>
#include <vector>

namespace {

using hsa::Matrix;

// Takes rows, and nothing else is asked of it.
class RowsOnly : public hsa::Card {
  public:
    explicit RowsOnly(std::uint64_t kept) : kept_(kept) {}

    [[nodiscard]] std::string name() const override { return "rows only"; }
    [[nodiscard]] std::string device() const override { return "a test"; }
    [[nodiscard]] hsa::CardMemory memory() const override { return {}; }
    [[nodiscard]] hsa::BlockLimits limits() const override { return {kept_, 1024}; }
    void drop_blocks() override {}
    [[nodiscard]] std::unique_ptr<hsa::OnCard> send(const hsa::CardForms&) override {
        return nullptr;
    }
    [[nodiscard]] std::unique_ptr<hsa::OnCard> send_rows(hsa::MatrixView<const float>) override {
        if (full) hsa::fail("it is full");
        return std::make_unique<hsa::OnCard>();
    }
    void log_kernel(const hsa::CardForms&, const hsa::OnCard&, const hsa::OnCard&, std::size_t,
                    std::size_t, std::size_t) override {}
    void exponentials(std::size_t, std::size_t, std::span<const float>, hsa::MatrixView<float>,
                      hsa::MatrixView<double>) override {}
    void keep_kernel() override {}
    void read_kept(std::size_t, std::size_t, hsa::MatrixView<float>) override {}
    void best(std::span<const float>, const hsa::BestColumns&) override {}
    void key_means(const hsa::CardForms&, const hsa::OnCard&, const hsa::OnCard&,
                   std::span<const float>, const hsa::OnCard&, std::size_t, std::size_t,
                   std::size_t, std::size_t) override {}
    void joined_means(std::size_t, const hsa::CardMeans&) override {}
    [[nodiscard]] std::vector<std::uint32_t> query_means(std::span<const hsa::CardQueries>,
                                                         hsa::MatrixView<const float>,
                                                         hsa::MatrixView<float>) override {
        return {};
    }
    void cells(const hsa::OnCard&, const hsa::OnCard&, std::size_t,
               hsa::MatrixView<float>) override {}

    [[nodiscard]] std::unique_ptr<hsa::OnCard> send_sums(hsa::MatrixView<const double>) override {
        return std::make_unique<hsa::OnCard>();
    }
    [[nodiscard]] std::unique_ptr<hsa::OnCard> range_means(
        const hsa::OnCard&, const hsa::OnCard&, std::size_t, std::size_t,
        std::span<const hsa::RowRange>, std::span<const std::uint32_t>) override {
        return nullptr;
    }
    void moments(const hsa::OnCard&, const hsa::OnCard&, std::size_t, bool,
                 hsa::MatrixView<double>) override {}

    bool full = false;

  private:
    std::uint64_t kept_;
};

}  // namespace

TEST_CASE("uploads: the same rows are sent once, wherever they lie", "[compute][card]") {
    RowsOnly card(1 << 20);
    hsa::CardUploads uploads;
    Matrix<float> rows(6, 4, 1.5F);
    const auto first = uploads.rows(card, rows.view());
    CHECK(uploads.rows(card, Matrix<float>(rows).view()) == first);
    Matrix<float> wide(6, 9, 0.0F);
    for (std::size_t r = 0; r < 6; ++r)
        for (std::size_t c = 0; c < 4; ++c) wide(r, c) = 1.5F;
    CHECK(uploads.sent() == 1);
    // Other shapes and other numbers are others.
    CHECK(uploads.rows(card, rows.view().block(0, 3)) != first);
    CHECK(uploads.rows(card, {rows.data(), 4, 6}) != first);
    rows(5, 3) = 2.0F;
    CHECK(uploads.rows(card, rows.view()) != first);
    CHECK(uploads.sent() == 4);
    // Rows that lie apart are known by what is in them, too.
    const auto apart = uploads.rows(card, {wide.data(), 6, 4, 9});
    wide(0, 8) = 7.0F;
    CHECK(uploads.rows(card, {wide.data(), 6, 4, 9}) == apart);
    CHECK(uploads.rows(card, {nullptr, 6, 0}) != nullptr);
}

TEST_CASE("uploads: the longest unused are freed first", "[compute][card]") {
    RowsOnly card(3 * 8 * sizeof(float));
    hsa::CardUploads uploads;
    std::vector<Matrix<float>> rows;
    for (int m = 0; m < 4; ++m) rows.emplace_back(2, 4, static_cast<float>(m));
    std::weak_ptr<const hsa::OnCard> first = uploads.rows(card, rows[0].view());
    std::weak_ptr<const hsa::OnCard> second = uploads.rows(card, rows[1].view());
    (void)uploads.rows(card, rows[2].view());
    (void)uploads.rows(card, rows[0].view());
    CHECK(uploads.sent() == 3);
    const auto fourth = uploads.rows(card, rows[3].view());
    CHECK_FALSE(first.expired());
    CHECK(second.expired());
    // What does not fit at all lives for as long as it is used, and leaves the others alone no
    // room.
    Matrix<float> large(10, 10, 1.0F);
    auto once = uploads.rows(card, large.view());
    const std::weak_ptr<const hsa::OnCard> gone = once;
    CHECK_FALSE(gone.expired());
    once.reset();
    CHECK(gone.expired());
    CHECK(fourth != nullptr);
}

TEST_CASE("uploads: a card that is full leaves nothing behind", "[compute][card]") {
    RowsOnly card(1 << 20);
    hsa::CardUploads uploads;
    const Matrix<float> rows(3, 3, 1.0F);
    card.full = true;
    CHECK_THROWS_WITH(uploads.rows(card, rows.view()), Catch::Contains("full"));
    card.full = false;
    CHECK(uploads.rows(card, rows.view()) != nullptr);
    CHECK(uploads.sent() == 1);
}

TEST_CASE("uploads: rows with an owner are sent the second time, and go with it",
          "[compute][card]") {
    Matrix<float> rows(128, 2, 1.0F);
    Matrix<float> other(128, 2, 2.0F);
    const Matrix<double> before(3, 2, 0.0);
    constexpr std::uint64_t kOne = 128 * 2 * sizeof(float) + 3 * 2 * sizeof(double);
    const auto kept = [&](const std::shared_ptr<const void>& owner, const Matrix<float>& of) {
        return hsa::KeptRows{owner, of.view(), before.view(), 64};
    };
    RowsOnly card(2 * kOne);
    hsa::CardUploads uploads;
    auto owner = std::make_shared<int>(1);
    CHECK(uploads.kept(card, kept(owner, rows)).rows == nullptr);
    const auto first = uploads.kept(card, kept(owner, rows));
    REQUIRE(first.rows != nullptr);
    CHECK(first.before != nullptr);
    CHECK(uploads.kept(card, kept(owner, rows)).rows == first.rows);
    // Another factor of the same owner beside it, but no third: its own are not given up for it.
    CHECK(uploads.kept(card, kept(owner, other)).rows == nullptr);
    CHECK(uploads.kept(card, kept(owner, other)).rows != nullptr);
    const Matrix<float> third(128, 2, 3.0F);
    CHECK(uploads.kept(card, kept(owner, third)).rows == nullptr);
    CHECK(uploads.kept(card, kept(owner, third)).rows == nullptr);
    CHECK(uploads.kept(card, kept(owner, rows)).rows == first.rows);
    // Another owner's rows at the same place are others, and take the room of the first.
    const auto next = std::make_shared<int>(2);
    CHECK(uploads.kept(card, kept(next, rows)).rows == nullptr);
    const auto second = uploads.kept(card, kept(next, rows));
    REQUIRE(second.rows != nullptr);
    CHECK(second.rows != first.rows);
    // One whose owner is gone is forgotten.
    owner.reset();
    owner = std::make_shared<int>(3);
    CHECK(uploads.kept(card, kept(owner, rows)).rows == nullptr);
}

TEST_CASE("uploads: rows with an owner can be forgotten alone", "[compute][card]") {
    RowsOnly card(1 << 20);
    hsa::CardUploads uploads;
    const Matrix<float> rows(128, 2, 1.0F);
    const Matrix<double> before(3, 2, 0.0);
    const auto owner = std::make_shared<int>(1);
    const hsa::KeptRows kept{owner, rows.view(), before.view(), 64};
    const auto others = uploads.rows(card, rows.view());
    (void)uploads.kept(card, kept);
    std::weak_ptr<const hsa::OnCard> first = uploads.kept(card, kept).rows;
    REQUIRE_FALSE(first.expired());
    uploads.forget_kept();
    CHECK(first.expired());
    CHECK(uploads.kept(card, kept).rows != nullptr);  // at once: it was asked for before
    CHECK(uploads.rows(card, rows.view()) == others);
    CHECK(uploads.sent() == 1);
}
