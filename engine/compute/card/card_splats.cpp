#include "engine/compute/card/card_splats.h"

#include "engine/core/error.h"
#include "engine/model/whitening.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

Matrix<float> copied(MatrixView<const float> from) {
    Matrix<float> made(from.rows, from.cols);
    for (std::size_t r = 0; r < from.rows; ++r)
        std::copy_n(from.row(r).begin(), from.cols, made.row(r).begin());
    return made;
}

// Writes a splat's form behind what is there; where it begins and what it is.
std::array<std::uint32_t, 4> append_form(const Whitening& whitening, std::vector<double>& forms) {
    const auto begin = static_cast<std::uint32_t>(forms.size());
    if (whitening.kind() == CovarianceKind::full) {
        const Matrix<double>& root = whitening.root();
        forms.insert(forms.end(), root.data(), root.data() + root.size());
        return {begin, 1, 0, 0};
    }
    forms.insert(forms.end(), whitening.rate().begin(), whitening.rate().end());
    const std::size_t axes = whitening.shrink().size();
    for (std::size_t r = 0; r < axes; ++r) {
        const double left = 1.0 - whitening.shrink()[r];
        forms.push_back(1.0 - left * left);
        const std::span<const double> axis = whitening.axes().row(r);
        forms.insert(forms.end(), axis.begin(), axis.end());
    }
    return {begin, 0, static_cast<std::uint32_t>(axes), 0};
}

}  // namespace

CardSplats::CardSplats(const SplatColumns& splats)
    : centre_(copied(splats.centre)),
      kind_(splats.kind.begin(), splats.kind.end()),
      variance_(copied(splats.variance)),
      shape_(splats.shape.begin(), splats.shape.end()),
      beta_(splats.beta.begin(), splats.beta.end()),
      temperature_(splats.temperature) {
    forms_.splats = centre_.rows();
    forms_.dimension = centre_.cols();
    forms_.centre.assign(centre_.data(), centre_.data() + centre_.size());
    forms_.mixed = std::any_of(kind_.begin(), kind_.end(), [](CovarianceKind kind) {
        return kind == CovarianceKind::lowrank || kind == CovarianceKind::full;
    });
    for (std::size_t s = 0; s < forms_.splats; ++s) {
        const double half = 0.5 * static_cast<double>(beta_[s]) / temperature_;
        const Whitening whitening(CovarianceView{kind_[s], variance_.row(s), shape_[s]});
        if (forms_.mixed) {
            forms_.place.push_back(append_form(whitening, forms_.form));
            forms_.half.push_back(half);
            continue;
        }
        for (const double rate : whitening.rate())
            forms_.rate.push_back(static_cast<float>(rate * std::sqrt(half)));
    }
}

const OnCard& CardSplats::sent() const {
    if (!sent_) fail("the card has not got these splats");
    return *sent_;
}

const BoundSplats& CardSplats::on(Backend& other) const {
    if (!elsewhere_) {
        SplatColumns columns;
        columns.centre = centre_.view();
        columns.kind = kind_;
        columns.variance = variance_.view();
        columns.shape = shape_;
        columns.beta = beta_;
        columns.temperature = temperature_;
        elsewhere_ = other.bind(columns);
    }
    return *elsewhere_;
}

}  // namespace hsa
