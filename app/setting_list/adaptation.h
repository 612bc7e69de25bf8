#pragma once

#include "app/setting_list/setting_limits.h"

namespace splatscope {

// Adaptation, levels and recovery.
template <class D, class Visitor>
void visit_adaptation(D& document, Visitor& visitor) {
    visitor("adapt.preset", document.adapt.preset, Limits{},
            "story: few events a cycle, readable; fast: more");
    visitor("adapt.rate.death", document.adapt.rate_death, Limits{0, 64},
            "deaths a cycle at most; auto = the preset's");
    visitor("adapt.rate.merge", document.adapt.rate_merge, Limits{0, 64},
            "merges a cycle at most; auto = the preset's");
    visitor("adapt.rate.mitosis", document.adapt.rate_mitosis, Limits{0, 64},
            "splits a cycle at most; auto = the preset's");
    visitor("adapt.rate.birth", document.adapt.rate_birth, Limits{0, 64},
            "births a cycle at most; auto = the preset's");
    visitor("adapt.max_events", document.adapt.max_events, Limits{0, 256},
            "accepted structural events a cycle at most; auto = the preset's");
    visitor("adapt.lambda", document.adapt.lambda, Limits{0, 1},
            "cost of one splat, as a share of KL(target | uniform)");
    visitor("adapt.trial_rows", document.adapt.trial_rows, Limits{8, 4096},
            "rows drawn for each trial");
    visitor("adapt.probe_rows", document.adapt.probe_rows, Limits{8, 4096},
            "fixed rows that check every decision");
    visitor("adapt.learning_rate", document.adapt.learning_rate, Limits{0, 1, true},
            "step of adjust in units of the coordinates' rms");
    visitor("adapt.cooldown", document.adapt.cooldown, Limits{1, 64},
            "cycles a refused proposal rests at first");
    visitor("adapt.seed", document.adapt.seed, Limits{0, 1e15},
            "seed of the draws; auto = splats.seed");
    visitor("adapt.every", document.adapt.every, Limits{1, 64},
            "structure is tried every so many cycles; between them splats only step");
    visitor("adapt.sparser", document.adapt.sparser, Limits{0, 1},
            "and more rarely with age: every E + S x A cycles, E adapt.every, A the cycles since "
            "the data last shifted, at most 64; 0 = always every E");
    visitor("adapt.shift", document.adapt.shift, Limits{0, 1000},
            "other data are a shift where their log-coverage is so many standard errors from that "
            "of the data before: structure is tried at once; 0 = no test");
    visitor("adapt.thresholds", document.adapt.thresholds, Limits{},
            "fixed: a trial is held against adapt.lambda; adaptive: against 1/4 to 4 times that, "
            "by kind, so that as many are accepted as adapt.target asks for");
    visitor("adapt.target.death", document.adapt.target_death, Limits{0, 64},
            "with adaptive thresholds: accepted deaths wanted a cycle; auto = a quarter of the "
            "rate");
    visitor("adapt.target.merge", document.adapt.target_merge, Limits{0, 64},
            "the same of merges; auto = a quarter of the rate");
    visitor("adapt.target.mitosis", document.adapt.target_mitosis, Limits{0, 64},
            "the same of splits; auto = a quarter of the rate");
    visitor("adapt.target.birth", document.adapt.target_birth, Limits{0, 64},
            "the same of births; auto = a quarter of the rate");
    visitor("adapt.density", document.adapt.density, Limits{0, 1e6},
            "tries structure at once, whatever adapt.every says, where a dense region of tokens "
            "lacks so many nats a token of log-coverage; 0 = does not look");
    visitor("adapt.smoothing", document.adapt.smoothing, Limits{0, 0.99},
            "share of the texts before in the usage and error share by which splats go and split "
            "while splats.warm_up takes texts in turn; 0 = each text alone");
    visitor("levels.least", document.levels.least, Limits{1, 16},
            "levels.suggest and levels.optimise leave no fewer levels");
    visitor("levels.most", document.levels.most, Limits{1, 16},
            "levels.suggest and levels.optimise make no more levels");
    visitor("levels.from_children", document.adapt.from_children, Limits{0, 1},
            "each cycle moves a parent so much of the way to the merge of its children; 0 = not");
    visitor("levels.from_parent", document.adapt.from_parent, Limits{0, 1e6},
            "each cycle draws splats to their parents, a prior worth so many tokens; 0 = not");
    visitor("levels.memory", document.adapt.path_memory, Limits{0, 0.99},
            "share of the cycles before in what a splat passes to its parents: paths that are used "
            "are reinforced and choose the parent, others fade; 0 = the parent is that of now");
    visitor("recover.automatic", document.adapt.repair, Limits{},
            "what is put right between cycles by itself, each time as an event: off; faults, what "
            "no splats may have (numbers, an empty level, a parent that is none); all that "
            "recover.repair can");
    visitor("recover.fallback", document.recover.fallback, Limits{},
            "shows exact scores in the place of the splats' attention: of a window (local), of all "
            "pairs (dense, up to 4,096 tokens), or none");
    visitor("recover.bound", document.recover.bound, Limits{0, 1e6},
            "row-KL of the splats above which recover.fallback is shown; 0 = always");
    visitor("recover.window", document.recover.window, Limits{1, 4096},
            "with recover.fallback local: exact scores for so many tokens on either side");
}

}  // namespace splatscope
