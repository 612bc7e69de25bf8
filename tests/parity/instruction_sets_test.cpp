#include "engine/attention/causal.h"
#include "engine/attention/cells.h"
#include "engine/attention/outputs.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <hwy/targets.h>

#include <cstdint>

// The inner loops have another shape for every width of vectors; each that this machine can run is
// held against double precision.
namespace {

class OnlyTarget {
  public:
    explicit OnlyTarget(std::int64_t target) { use(target); }
    ~OnlyTarget() { use(0); }
    OnlyTarget(const OnlyTarget&) = delete;
    OnlyTarget& operator=(const OnlyTarget&) = delete;

  private:
    static void use(std::int64_t target) {
        hwy::SetSupportedTargetsForTest(target);
        hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    }
};

}  // namespace

TEST_CASE("parity: factors on every instruction set of the machine", "[parity]") {
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        const OnlyTarget only(target);
        for (const hsa::CovarianceKind kind :
             {hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal,
              hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full}) {
            INFO(hwy::TargetName(target) << ", " << hsa::name_of(kind));
            reference::Shape shape;
            shape.tokens = 300;
            shape.dimension = 17;
            shape.splats = {9, 7, 2, 1};
            shape.kind = kind;
            const reference::Case data = reference::random_case(shape, 41);
            const hsa::Factors factors = reference::factors_of(data);
            const reference::Attention exact = data.attention();
            CHECK(reference::largest_difference(reference::widened(factors.p), exact.p) < 1e-5);
            CHECK(reference::largest_difference(reference::widened(factors.k), exact.k) < 1e-5);
        }
    }
}

TEST_CASE("parity: causal outputs on every instruction set of the machine", "[parity][causal]") {
    reference::Shape shape;
    shape.tokens = 150;
    shape.dimension = 17;
    shape.splats = {9, 7, 2, 1};
    const reference::Case data = reference::random_case(shape, 41);
    const reference::Attention exact = reference::causal(data.splats(), data.blocks());
    hsa::Matrix<float> values(150, 21);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = static_cast<float>(e % 13) - 6.0F;
    hsa::Matrix<double> outputs(150, 21);
    for (std::size_t i = 0; i < 150; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            for (std::size_t c = 0; c < 21; ++c)
                outputs(i, c) += exact.a(i, j) * static_cast<double>(values(j, c));
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        INFO(hwy::TargetName(target));
        const OnlyTarget only(target);
        const hsa::CausalOutputs causal = hsa::causal_attend(
            *reference::cpu(), data.registry, data.coordinates, values.view(), {}, {});
        CHECK(reference::largest_difference(reference::widened(causal.outputs), outputs) < 5e-5);
    }
}

TEST_CASE("parity: outputs without factors on every instruction set of the machine", "[parity]") {
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        const OnlyTarget only(target);
        for (const std::size_t width : {1U, 16U, 21U, 64U, 83U}) {
            INFO(hwy::TargetName(target) << ", " << width << " columns");
            reference::Shape shape;
            shape.tokens = 300;
            shape.dimension = 17;
            shape.splats = {9, 70, 2, 1};
            shape.background = true;
            const reference::Case data = reference::random_case(shape, 41);
            hsa::Matrix<float> values(300, width);
            for (std::size_t e = 0; e < values.size(); ++e)
                values.data()[e] = static_cast<float>(e % 13) - 6.0F;
            const hsa::Matrix<float> out = hsa::compute_outputs(
                *reference::cpu(), data.registry, data.coordinates, values.view(), {}, {});
            const hsa::Matrix<float> expected =
                hsa::attend(reference::factors_of(data), values.view());
            CHECK(reference::largest_difference(reference::widened(out),
                                                reference::widened(expected)) < 6e-5);
        }
    }
}
