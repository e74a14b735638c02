// SPDX-License-Identifier: MIT
#include "widgets/lab/examples.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace depthscope::lab {

namespace {

struct Row {
    const char* id;
    const char* file; ///< beside the demo recording
    const char* model;
    const char* title;
    const char* hint;
    bool goesLive;
};

constexpr Row kRows[] = {
    {"depth", "demo.depthscope", "demo-mor-expert",
     QT_TRANSLATE_NOOP("Examples", "How deep does each token go?"),
     QT_TRANSLATE_NOOP("Examples",
                       "Look at DEPTH for the tokens that reach recursion 3, then drag a capacity "
                       "in ROUTING and watch others leave."),
     true},
    {"classes", "examples/exercises.depthscope", "demo-mor-token",
     QT_TRANSLATE_NOOP("Examples", "Is depth where the work is?"),
     QT_TRANSLATE_NOOP("Examples",
                       "Look at CLASSES in ROUTER: the difficulty of every token is known, and a "
                       "sentence says whether sums run deeper than phrases learned by heart."),
     true},
    {"experts", "examples/experts.depthscope", "more-shakespeare",
     QT_TRANSLATE_NOOP("Examples", "Which experts write a text?"),
     QT_TRANSLATE_NOOP(
         "Examples",
         "Go back and forth through a generation with the comma and full stop keys, and look "
         "at EXPERTS for the networks that each character chose."),
     false},
    {"clip", "prediction.depthscope", "demo-more-dit",
     QT_TRANSLATE_NOOP("Examples", "Where in a clip does the compute go?"),
     QT_TRANSLATE_NOOP("Examples",
                       "Drag the lower track of TRANSPORT from noise to clip and look at the "
                       "colours over VIDEO for the depth of each patch."),
     true},
};

} // namespace

QList<Example> examples(const ModelCatalog& catalog) {
    QList<Example> found;
    const QDir folder = QFileInfo(catalog.demoRecording()).dir();
    for (const Row& row : kRows) {
        const QString file = folder.filePath(QString::fromLatin1(row.file));
        if (!catalog.demoRecording().isEmpty() && QFileInfo::exists(file)) {
            found << Example{QString::fromLatin1(row.id),
                             QCoreApplication::translate("Examples", row.title),
                             QCoreApplication::translate("Examples", row.hint),
                             file,
                             catalog.find(QString::fromLatin1(row.model)),
                             row.goesLive};
        }
    }
    return found;
}

} // namespace depthscope::lab
