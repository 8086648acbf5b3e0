declare function re2(): typeof import('re2js');
export = re2;
