// SPDX-License-Identifier: MIT
// The Train dock: recipe, data, start, pause, stop, progress, and opening the checkpoint in the
// lab. The form at the left, the curves (an instrument panel) at the right. GUI thread; parents
// own.
#pragma once

#include "engine/runtime/request.h"
#include "engine/settings/recipe.h"
#include "widgets/scene/theme.h"

#include <QWidget>
#include <vector>

class QGridLayout;
class QLabel;
class QLayout;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace depthscope::scene {
class TextService;
}

namespace depthscope::lab {
class LabController;
}

namespace depthscope::panels {

class ChoiceBox;
class FormScroll;
class InstrumentPanel;
class PathEdit;
class TrainController;
class TrainingClipView;
class TrainingEstimate;

class TrainPanel : public QWidget {
    Q_OBJECT

public:
    /// `curves` is shown at the right and becomes a child.
    TrainPanel(lab::LabController& lab,
               InstrumentPanel& curves,
               const scene::TextService& text,
               QWidget* parent = nullptr);

    void setTheme(const scene::Theme& theme);

    /// Keeps from one start to the next how fast recipes are trained.
    void remember();

    [[nodiscard]] TrainController& controller() { return *m_train; }

    /// What Start would ask for.
    [[nodiscard]] runtime::TrainRequest request() const;
    /// Fills the form; one whose recipe is not known, and while a training runs, changes nothing.
    void fill(const runtime::TrainRequest& request);
    /// As Start or Resume with these choices.
    void goOn(const runtime::TrainRequest& request);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void failed(const QString& title, const QString& message, const QString& hint);
    /// A model folder that the lab shall show.
    void openRequested(const QString& folder);

private:
    void buildFields(QGridLayout& grid);
    void buildButtons();
    void buildProgress();
    /// Below what scrolls, so that how it goes, Start and Stop are always in sight.
    [[nodiscard]] QLayout* footer();
    void refresh();
    void refreshFigures();
    void refreshEstimate();
    void suggestFolder();
    void offerNextFolder();
    void takeNextFolder();
    /// What the chosen recipe can learn from, and which of it is chosen.
    void fillData();
    /// Of a video recipe: the choice becomes a change of the recipe.
    void chooseData();
    /// The user's own videos are to be learned.
    [[nodiscard]] bool learnsOwn() const;
    void start();
    void pauseOrGoOn();
    void changeRecipe();
    void askText();
    void askFolder();
    /// A training is being chosen, rather than under way or just finished.
    [[nodiscard]] bool isChoosing() const;
    [[nodiscard]] bool hasCheckpoint() const;
    /// The folder has a checkpoint, and the recipe was changed since.
    [[nodiscard]] bool clashes() const;
    /// The folder's training reached its last step.
    [[nodiscard]] bool isFinished() const;
    /// The chosen recipe is a video model's.
    [[nodiscard]] bool learnsClips() const;
    [[nodiscard]] QString recipeText() const;
    /// The finished model, else the best one so far; empty: none yet.
    [[nodiscard]] QString modelFolder() const;
    [[nodiscard]] QString stateText() const;

    lab::LabController& m_lab;
    const scene::TextService& m_text;
    TrainController* m_train = nullptr;
    std::vector<settings::RecipeChange> m_changes; ///< of the chosen recipe
    QWidget* m_fields = nullptr;                   ///< what is chosen before a training
    bool m_another = false; ///< one has finished and the next is being chosen
    ChoiceBox* m_preset = nullptr;
    QPushButton* m_recipe = nullptr;
    QLabel* m_help = nullptr;
    ChoiceBox* m_data = nullptr;
    QLabel* m_fileLabel = nullptr;
    PathEdit* m_file = nullptr;
    QPushButton* m_browseText = nullptr;
    QSpinBox* m_steps = nullptr;
    PathEdit* m_folder = nullptr;
    QString m_suggested; ///< folder that is replaced with the recipe, unlike one that was chosen
    QPushButton* m_browseFolder = nullptr;
    QPushButton* m_next = nullptr; ///< where the folder is taken: the next free one
    QPushButton* m_start = nullptr;
    QPushButton* m_pause = nullptr;
    QPushButton* m_stop = nullptr;
    QPushButton* m_open = nullptr;
    FormScroll* m_scroll = nullptr;
    QProgressBar* m_bar = nullptr;
    QLabel* m_state = nullptr;
    TrainingEstimate* m_estimate = nullptr;
    QLabel* m_figures = nullptr;
    QPlainTextEdit* m_sample = nullptr;
    TrainingClipView* m_clip = nullptr;
    QString m_shownSample;
};

} // namespace depthscope::panels
