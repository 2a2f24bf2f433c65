/** The pictures of one image under the sets of a survey. */

/** @param {import("./survey_words.js").SurveyRow} survey @param {{image: number, file_name: string}} row @param {string} about @param {number[]} [sets] numbers; all, if not given */
export const pictureItem = (survey, { image, file_name: name }, about, sets = survey.sets.map((_, n) => n)) => ({
  title: name,
  href: `/images/${image}`,
  about,
  pictures: sets.map((n) => ({ label: survey.sets[n].label, address: `/api/v1/surveys/${survey.id}/images/${image}/${n}.jpg` })),
});
