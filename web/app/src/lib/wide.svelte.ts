//! Whether there is room for the steps beside the rows.
import { MediaQuery } from 'svelte/reactivity';

export const wide = new MediaQuery('(min-width: 1000px)');
