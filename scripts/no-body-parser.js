/** In place of body-parser in the bundle: express.json and the like are not there. */
export default {};
