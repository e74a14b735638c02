// SPDX-License-Identifier: MIT
// The recordings that come with the program to begin with, and what to look for in each. Reads
// folders; throws nothing; GUI thread (translates).
#pragma once

#include "widgets/lab/model_catalog.h"

#include <QList>
#include <QString>

namespace depthscope::lab {

struct Example {
    QString id;    ///< for scripts: "depth", "classes", "experts", "clip"
    QString title; ///< a question or a subject
    QString hint;  ///< one sentence: what to look for
    QString recording;
    QString modelFolder;  ///< empty: not installed, and the recording is shown all the same
    bool goesLive = true; ///< once the model is loaded; a generation stays as it was
};

/// Those whose recording is installed, in the order of the welcome.
[[nodiscard]] QList<Example> examples(const ModelCatalog& catalog);

} // namespace depthscope::lab
