/** RE2 in JavaScript, loaded by the first pattern: most configurations have none, and it is larger than the rest. */
module.exports = () => require('re2js');
