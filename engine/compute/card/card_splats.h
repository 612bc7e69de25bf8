#pragma once

#include "engine/compute/card/card.h"

namespace hsa {

// Splats on a card, and as they were given for the day the card fails.
class CardSplats : public BoundSplats {
  public:
    // Throws Error for a covariance that is not positive definite.
    explicit CardSplats(const SplatColumns& splats);

    [[nodiscard]] std::size_t splats() const override { return forms_.splats; }
    [[nodiscard]] std::size_t dimension() const override { return forms_.dimension; }

    [[nodiscard]] const CardForms& forms() const { return forms_; }
    void send(Card& card) { sent_ = card.send(forms_); }
    [[nodiscard]] const OnCard& sent() const;

    // The same splats on another backend, bound when they are first asked for.
    [[nodiscard]] const BoundSplats& on(Backend& other) const;

  private:
    Matrix<float> centre_;
    std::vector<CovarianceKind> kind_;
    Matrix<float> variance_;
    std::vector<std::vector<float>> shape_;
    std::vector<float> beta_;
    double temperature_ = 1.0;
    CardForms forms_;
    std::unique_ptr<OnCard> sent_;
    mutable std::shared_ptr<const BoundSplats> elsewhere_;
};

}  // namespace hsa
