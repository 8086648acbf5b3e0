/** In place of mime-db, which knows thousands: the types that the web room names by their extension. */
module.exports = {
  'application/json': { charset: 'UTF-8', extensions: ['json'] },
  'text/html': { extensions: ['html'] },
  'text/plain': { extensions: ['txt'] },
};
